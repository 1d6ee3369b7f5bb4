// The client of the echo benchmarks: N connections, each with one request outstanding, in one thread over epoll.
//
// Usage: echo_load PORT [--connections N] [--size BYTES] [--seconds S] [--warmup S] [--interval S] [--idle M]
//
// --idle opens M connections more, which say nothing; --connections 0 holds these alone, for so many seconds. Prints
// "holding M" when they are open, and at the end one line of JSON: requests and what fell on each second, the median of
// the intervals, latencies in microseconds. Exits with 1 if a byte comes back that was not sent, or a connection ends.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  int fd;
  int received;
  long sent_at;
} connection;

// Latencies: 32 buckets for each power of two, so none is off by more than 3 %.
enum { SUB = 5, BUCKETS = 64 << SUB, MOST_INTERVALS = 100000 };

static long histogram[BUCKETS], in_all;
static double rates[MOST_INTERVALS];
static int port, size = 1024;
static char *message, *reply;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static long nanos(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

static int bucket_of(long value) {
  if (value < 1 << SUB) return (int)(value < 0 ? 0 : value);
  int shift = 63 - __builtin_clzl(value) - SUB;
  return (shift << SUB) + (int)(value >> shift);
}

static double value_of(int bucket) {
  int shift = (bucket >> SUB) - 1;
  if (shift < 1) return bucket;
  return ((double)((bucket & ((1 << SUB) - 1)) + (1 << SUB)) + 0.5) * (double)(1L << shift);
}

static double quantile(double q) {
  long seen = 0;
  for (int i = 0; i < BUCKETS; i++) {
    seen += histogram[i];
    if (seen > 0 && seen >= q * in_all) return value_of(i) / 1000;
  }
  return 0;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, int count) {
  if (count == 0) return 0;
  qsort(values, count, sizeof *values, by_value);
  return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static int open_connection(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0) fail("socket");
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

static void request(connection *c) {
  c->received = 0;
  c->sent_at = nanos();
  if (write(c->fd, message, size) != size) fail("write"); // it fits: nothing else is on its way
}

// Takes what has come; returns the latency if that was all, otherwise -1.
static long receive(connection *c) {
  ssize_t count = read(c->fd, reply, size - c->received);
  if (count < 0 && errno == EAGAIN) return -1;
  if (count < 0) fail("read");
  if (count == 0) {
    fprintf(stderr, "echo_load: the server closed a connection\n");
    exit(1);
  }
  if (memcmp(reply, message + c->received, count)) {
    fprintf(stderr, "echo_load: what came back is not what was sent\n");
    exit(1);
  }
  c->received += (int)count;
  return c->received == size ? nanos() - c->sent_at : -1;
}

// Takes what is still on its way: a connection closed before would be reset, and that is a failure to the server.
static void drain(connection *all, int connections) {
  for (int i = 0; i < connections; i++) {
    fcntl(all[i].fd, F_SETFL, 0);
    while (all[i].received < size) receive(&all[i]);
  }
}

static void sleep_for(double seconds) {
  struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&time, NULL);
}

int main(int argc, char **argv) {
  int connections = 64, idle = 0;
  double seconds = 1, warmup = 0, interval = 0.1;
  if (argc < 2) {
    fprintf(stderr, "usage: %s PORT [--connections N] [--size BYTES] [--seconds S] [--warmup S] [--interval S] [--idle M]\n", argv[0]);
    return 2;
  }
  port = atoi(argv[1]);
  for (int i = 2; i + 1 < argc; i += 2) {
    const char *name = argv[i], *value = argv[i + 1];
    if (!strcmp(name, "--connections")) connections = atoi(value);
    else if (!strcmp(name, "--size")) size = atoi(value);
    else if (!strcmp(name, "--seconds")) seconds = atof(value);
    else if (!strcmp(name, "--warmup")) warmup = atof(value);
    else if (!strcmp(name, "--interval")) interval = atof(value);
    else if (!strcmp(name, "--idle")) idle = atoi(value);
    else {
      fprintf(stderr, "echo_load: no such option: %s\n", name);
      return 2;
    }
  }
  message = malloc(size);
  reply = malloc(size);
  for (int i = 0; i < size; i++) message[i] = (char)(i * 31 + (i >> 8));

  for (int i = 0; i < idle; i++) open_connection();
  if (idle) {
    printf("holding %d\n", idle);
    fflush(stdout);
  }
  if (connections == 0) {
    sleep_for(seconds);
    return 0;
  }
  int poller = epoll_create1(0);
  connection *all = calloc(connections, sizeof *all);
  for (int i = 0; i < connections; i++) {
    all[i].fd = open_connection();
    fcntl(all[i].fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, all[i].fd, &event) < 0) fail("epoll_ctl");
  }
  for (int i = 0; i < connections; i++) request(&all[i]);

  long begin = nanos() + (long)(warmup * 1e9), end = begin + (long)(seconds * 1e9), now = nanos();
  long interval_begin = begin, in_interval = 0, first = 0, last = 0;
  int intervals = 0;
  for (struct epoll_event events[1024]; now < end;) {
    int n = epoll_wait(poller, events, 1024, 1000);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < n; i++) {
      connection *c = events[i].data.ptr;
      long latency = receive(c);
      if (latency < 0) continue;
      now = c->sent_at + latency;
      if (now >= begin && now < end) {
        if (first == 0) first = now;
        last = now;
        histogram[bucket_of(latency)]++;
        in_all++;
        in_interval++;
      }
      if (now < end) request(c);
    }
    if (n <= 0) now = nanos();
    if (now - interval_begin >= interval * 1e9 && intervals < MOST_INTERVALS) {
      rates[intervals++] = (double)in_interval * 1e9 / (double)(now - interval_begin);
      interval_begin = now;
      in_interval = 0;
    }
  }
  drain(all, connections);
  printf("{\"requests\": %ld, \"rate\": %.1f, \"interval_median\": %.1f, \"p50\": %.2f, \"p90\": %.2f, \"p99\": %.2f}\n", in_all,
         last > first ? (double)(in_all - 1) * 1e9 / (double)(last - first) : 0, median(rates, intervals), quantile(0.5),
         quantile(0.9), quantile(0.99));
  return 0;
}
