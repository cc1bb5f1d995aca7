/* Parses JSON into a tree, changes it, dumps it, loads that again and compares the trees. */
#include "driver.h"
#include "jansson.h"
#include "json_text.h"

int main(int argc, char **argv)
{
    size_t size;
    struct stream s = begin(argc, argv, &size);
    json_error_t error;
    /* the order of hashing must not depend on the time of day */
    json_object_seed(12345);
    struct text t = json_text(&s, size);
    json_t *tree = json_loads(t.data, 0, &error);
    require(tree != 0, "loading");
    for (size_t i = 0; i < json_array_size(tree); i += 3)
        json_array_set_new(tree, i, json_pack("{s:i, s:b}", "place", (int)i, "odd", (int)i & 1));
    char *dumped = json_dumps(tree, JSON_INDENT(2) | JSON_SORT_KEYS);
    require(dumped != 0, "dumping");
    json_t *again = json_loads(dumped, 0, &error);
    require(again && json_equal(tree, again), "round trip");
    json_t *copy = json_deep_copy(tree);
    require(copy && json_equal(tree, copy), "copy");
    char *compact = json_dumps(copy, JSON_COMPACT | JSON_ENSURE_ASCII);
    require(compact != 0, "dumping");
    uint64_t h = digest(digest(DIGEST, dumped, strlen(dumped)), compact, strlen(compact));
    printf("%zu %zu %016llx\n", t.length, json_array_size(tree), (unsigned long long)h);
    return 0;
}
