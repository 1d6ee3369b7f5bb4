// What the others are measured by: an echo server in one thread over epoll, and nothing else.
//
// Usage: echo_epoll PORT [spin]     spin: it looks 50 µs long before it blocks

#define _GNU_SOURCE // for accept4

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char buffer[64 * 1024];
static int poller;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static long nanos(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

static void watch(int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

static int listen_at(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (fd < 0) fail("socket");
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(fd, 4096) < 0) fail("listen");
  return fd;
}

static void accept_all(int listener) {
  for (int fd, on = 1; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(fd);
  }
}

// A client that sends less than fits into the kernel's buffers before it reads: all that a benchmark does. One that
// sends more is dropped.
static void echo(int fd) {
  ssize_t count = read(fd, buffer, sizeof buffer);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0 || write(fd, buffer, count) != count) close(fd);
}

static int wait_for(struct epoll_event *events, int most, int spin) {
  if (spin) {
    long end = nanos() + 50000;
    do {
      int n = epoll_wait(poller, events, most, 0);
      if (n != 0) return n;
    } while (nanos() < end);
  }
  return epoll_wait(poller, events, most, -1);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s PORT [spin]\n", argv[0]);
    return 2;
  }
  int spin = argc > 2 && !strcmp(argv[2], "spin");
  int listener = listen_at(atoi(argv[1]));
  poller = epoll_create1(0);
  watch(listener);
  for (struct epoll_event events[1024];;) {
    int n = wait_for(events, 1024, spin);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd == listener) accept_all(listener);
      else echo(events[i].data.fd);
    }
  }
}
