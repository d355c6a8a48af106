/* How many messages libopendkim signs or verifies in a second on one core.
 * usage: opendkim_rate sign|verify rsa|ed25519 MESSAGE KEY SECONDS
 * KEY: PEM (or base64 of an Ed25519 key) to sign with; the text of the TXT record to verify with. Prints messages a second. */
#include <opendkim/dkim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *record;

static char *content_of(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) { perror(path); exit(2); }
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  char *text = malloc(*size + 1);
  if (fread(text, 1, *size, file) != *size) exit(2);
  text[*size] = 0;
  fclose(file);
  return text;
}

static DKIM_CBSTAT look_up(DKIM *dkim, DKIM_SIGINFO *sig, u_char *buf, size_t buflen) {
  (void)dkim; (void)sig;
  snprintf((char *)buf, buflen, "%s", record);
  return DKIM_CBSTAT_CONTINUE;
}

static void must(DKIM_STAT status, const char *what) {
  if (status == DKIM_STAT_OK) return;
  fprintf(stderr, "opendkim: %s: %s\n", what, dkim_getresultstr(status));
  exit(1);
}

static void feed(DKIM *dkim, const char *message, size_t size) {
  const char *end = strstr(message, "\r\n\r\n");
  const char *at = message;
  while (at < end + 2) {
    const char *next = at;
    do { next = strstr(next, "\r\n") + 2; } while (*next == ' ' || *next == '\t');
    must(dkim_header(dkim, (u_char *)at, (size_t)(next - at - 2)), "header");
    at = next;
  }
  must(dkim_eoh(dkim), "end of header");
  must(dkim_body(dkim, (u_char *)end + 4, size - (size_t)(end + 4 - message)), "body");
  must(dkim_eom(dkim, NULL), "end of message");
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  const int sign = strcmp(argv[1], "sign") == 0, rsa = strcmp(argv[2], "rsa") == 0;
  size_t size, key_size;
  char *message = content_of(argv[3], &size), *key = content_of(argv[4], &key_size);
  record = key;
  const double seconds = atof(argv[5]);
  DKIM_LIB *library = dkim_init(NULL, NULL);
  if (!rsa && !dkim_libfeature(library, DKIM_FEATURE_ED25519)) { puts("0"); return 0; }
  if (!sign) must(dkim_set_key_lookup(library, look_up), "key lookup");
  long count = 0;
  const double begun = now();
  double end;
  do {
    DKIM_STAT status;
    DKIM *dkim = sign ? dkim_sign(library, (u_char *)"bench", NULL, (dkim_sigkey_t)key, (u_char *)"s1", (u_char *)"example.org",
                                  DKIM_CANON_RELAXED, DKIM_CANON_RELAXED,
                                  rsa ? DKIM_SIGN_RSASHA256 : DKIM_SIGN_ED25519SHA256, -1, &status)
                      : dkim_verify(library, (u_char *)"bench", NULL, &status);
    must(status, "begin");
    feed(dkim, message, size);
    if (sign) {
      u_char *field;
      size_t octets;
      must(dkim_getsighdr_d(dkim, 16, &field, &octets), "field");
      if (getenv("SHOW")) { printf("DKIM-Signature: %s\n", field); return 0; }
    }
    dkim_free(dkim);
    ++count;
    end = now();
  } while (end - begun < seconds);
  printf("%.1f\n", (double)count / (end - begun));
  return 0;
}
