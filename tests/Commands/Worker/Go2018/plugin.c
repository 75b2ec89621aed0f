/* A plugin of 2018, as its contract has it and in every other way: JSON-RPC 1.0 on standard input and output, lines
 * through a PAIR socket of libzmq. What it does is the argument "mode". Built by Go2018Tests: cc plugin.c -lzmq -lpthread */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

static char socket_address[256], mode[64], command[1 << 20];
static volatile int killed;
static pthread_mutex_t out = PTHREAD_MUTEX_INITIALIZER;
static void *context, *pair;

/* The text behind a name, as far as the quotes; enough for what the tests send. */
static void pick(const char *line, const char *name, char *to, size_t size) {
    const char *at = strstr(line, name);
    size_t length = 0;
    *to = 0;
    if (!at) return;
    at += strlen(name);
    while (*at && *at != '"' && length + 1 < size) {
        if (*at == '\\') at++;
        to[length++] = *at++;
    }
    to[length] = 0;
}

static void say(const char *text) { zmq_send(pair, text, strlen(text), 0); }

static void open_channel(void) {
    context = zmq_ctx_new();
    pair = zmq_socket(context, ZMQ_PAIR);
    zmq_connect(pair, socket_address);
}

static void close_channel(void) {
    say("CLOSE");
    zmq_close(pair);
    zmq_ctx_term(context);
}

static void answer(const char *text) {
    pthread_mutex_lock(&out);
    fputs(text, stdout);
    fflush(stdout);
    pthread_mutex_unlock(&out);
}

static int is(const char *name) { return strcmp(mode, name) == 0; }

static void *init(void *nothing) {
    char text[256];
    if (is("rubbish")) { puts("hello there"); fflush(stdout); pause(); }
    if (is("die")) _exit(3);
    if (is("crash")) abort();
    if (is("quit")) _exit(0);
    if (is("never")) { answer("{\"id\":0,\"result\":{\"exitcode\":0,\"output\":[\"only this\"]},\"error\":null}\n"); pause(); }
    if (is("shut")) { close(1); pause(); }
    if (is("deaf")) { signal(SIGTERM, SIG_IGN); if (fork() == 0) execlp("sleep", "sleep", command, NULL); pause(); }
    open_channel();
    if (is("error")) {
        close_channel();
        answer("{\"id\":0,\"result\":null,\"error\":\"it went wrong\"}\n");
        return nothing;
    }
    if (is("early")) {
        answer("{\"id\":0,\"result\":{\"exitcode\":0,\"output\":[\"last\"]},\"error\":null}\n");
        usleep(300000);
    }
    if (is("many")) for (int i = 0; i < 20000; i++) { sprintf(text, "%d %0200d", i, 0); say(text); }
    else if (is("split")) { say("c4nary-in-the-mine"); say("newline at the end\n"); say(""); }
    else { say(command); say("second"); }
    if (is("noclose")) {
        answer("{\"id\":0,\"result\":{\"exitcode\":0,\"output\":null},\"error\":null}\n");
        pause();
    }
    if (is("gone")) { answer("{\"id\":0,\"result\":{\"exitcode\":0,\"output\":null},\"error\":null}\n"); usleep(200000); _exit(0); }
    if (is("wait")) while (!killed) usleep(10000);
    if (is("stderr")) { fputs("something is odd\n", stderr); }
    close_channel();
    if (is("early")) return nothing;
    if (is("200")) answer("{\"id\":0,\"result\":{\"exitcode\":200,\"output\":null},\"error\":null}\n");
    else if (is("42")) answer("{\"id\":0,\"result\":{\"ExitCode\":42,\"Output\":[\"x\",\"y\"]},\"error\":null}");
    else if (is("wait")) answer("{\"id\":0,\"result\":{\"exitcode\":-1,\"output\":[]},\"error\":null}\n");
    else answer("{\"id\":0,\"result\":{\"exitcode\":0,\"output\":[\"last\"]},\"error\":null}\n");
    if (is("stays")) { signal(SIGTERM, SIG_IGN); for (;;) pause(); }
    return nothing;
}

int main(void) {
    static char line[1 << 21];
    while (fgets(line, sizeof line, stdin)) {
        if (strstr(line, "\"Plugin.Kill\"")) {
            killed = 1;
            answer("{\"id\":1,\"result\":{\"exitcode\":0,\"output\":null},\"error\":null}\n");
            continue;
        }
        pthread_t thread;
        pick(line, "\"socket\":\"", socket_address, sizeof socket_address);
        pick(line, "\"mode\":\"", mode, sizeof mode);
        pick(line, "\"command\":[\"", command, sizeof command);
        if (is("show")) strncpy(command, line, sizeof command - 1), command[strcspn(command, "\n")] = 0;
        pthread_create(&thread, NULL, init, NULL);
        pthread_detach(thread);
    }
    if (is("stays")) for (;;) pause();
    return 0;
}
