/* Stands in for the header that expat's configure script makes; the driver gives the salt of
   its hash tables, which otherwise comes from the time of day. */
#ifndef EXPAT_CONFIG_H
#define EXPAT_CONFIG_H
#include <stddef.h>
void driver_salt(void *out, size_t size);
#define HAVE_ARC4RANDOM_BUF 1
#define arc4random_buf driver_salt
#define BYTEORDER 1234
#define XML_CONTEXT_BYTES 1024
#define XML_DTD 1
#define XML_NS 1
#endif
