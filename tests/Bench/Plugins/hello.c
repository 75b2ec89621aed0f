/* A plugin of both contracts that says hello: started for each run, or kept up for all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    static char line[65536];
    if (!getenv("TRIGGERFS_CONTRACT")) return puts("hello") < 0;
    while (fgets(line, sizeof line, stdin)) {
        unsigned long id;
        if (sscanf(line, "{\"id\":%lu,\"run\"", &id) != 1 || !strstr(line, "\"run\"")) continue;
        printf("{\"id\":%lu,\"out\":\"hello\\n\",\"exit\":0}\n", id);
        fflush(stdout);
    }
    return 0;
}
