/* Stands in for the header that jansson's configure script makes: a plain C library. */
#define HAVE_STDINT_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_UNISTD_H 1
