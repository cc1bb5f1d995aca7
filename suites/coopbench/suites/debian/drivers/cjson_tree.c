/* Parses JSON into a tree, prints it both ways, parses that again and compares the trees. */
#include "cJSON.h"
#include "driver.h"
#include "json_text.h"

int main(int argc, char **argv)
{
    size_t size;
    struct stream s = begin(argc, argv, &size);
    struct text t = json_text(&s, size);
    cJSON *tree = cJSON_Parse(t.data);
    require(tree != 0, "parsing");
    char *pretty = cJSON_Print(tree), *plain = cJSON_PrintUnformatted(tree);
    require(pretty && plain, "printing");
    cJSON *again = cJSON_Parse(pretty);
    require(again != 0, "parsing what was printed");
    char *plain_again = cJSON_PrintUnformatted(again);
    require(plain_again && !strcmp(plain, plain_again), "round trip");
    uint64_t h = digest(digest(DIGEST, pretty, strlen(pretty)), plain, strlen(plain));
    printf("%zu %d %016llx\n", t.length, cJSON_GetArraySize(tree), (unsigned long long)h);
    return 0;
}
