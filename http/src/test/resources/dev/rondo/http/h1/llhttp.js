// What llhttp, the parser of Node, finds in requests. Each line of input is one connection's bytes in Base64; each line of
// output lists the messages that were complete, METHOD TARGET [body], in Base64 each.
'use strict';
const { HTTPParser, methods } = require('_http_common');

function messages(bytes) {
  const found = [];
  let head = '';
  let body = [];
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {});
  let flushed = ''; // behind trailers, Node hands out the next target here
  parser[HTTPParser.kOnHeaders] = (headers, url) => {
    flushed = url;
  };
  parser[HTTPParser.kOnHeadersComplete] = (major, minor, headers, method, url) => {
    head = methods[method] + ' ' + (url === undefined ? flushed : url);
    body = [];
    return 0;
  };
  parser[HTTPParser.kOnBody] = (piece) => {
    body.push(Buffer.from(piece));
  };
  parser[HTTPParser.kOnMessageComplete] = () => {
    found.push(head + ' [' + Buffer.concat(body).toString('latin1') + ']');
  };
  parser.execute(bytes);
  return found;
}

require('readline')
  .createInterface({ input: process.stdin })
  .on('line', (line) => console.log(messages(Buffer.from(line, 'base64')).map((found) => Buffer.from(found, 'latin1').toString('base64')).join(' ')));
