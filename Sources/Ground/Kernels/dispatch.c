// Chooses the instruction set once, at first use.

#include "kernels.h"

#include <stdlib.h>
#include <string.h>

extern const mct_table mct_portable;
#if defined(__x86_64__)
extern const mct_table mct_avx2, mct_avx512;
#endif

const mct_table *mct_kernels_at(int i) {
  const mct_table *tables[3];
  int count = 0;
  tables[count++] = &mct_portable;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    tables[count++] = &mct_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
      tables[count++] = &mct_avx512;
  }
#endif
  return i >= 0 && i < count ? tables[i] : NULL;
}

const mct_table *mct_kernels_named(const char *name) {
  for (int i = 0; mct_kernels_at(i); i++)
    if (strcmp(name, mct_kernels_at(i)->name) == 0) return mct_kernels_at(i);
  return NULL;
}

const mct_table *mct_kernels(void) {
  static const mct_table *chosen;
  const mct_table *table = __atomic_load_n(&chosen, __ATOMIC_ACQUIRE);
  if (table) return table;
  const char *forced = getenv("MASKCT_SIMD");
  if (forced && *forced) {
    table = mct_kernels_named(forced);
  } else {
    for (int i = 0; mct_kernels_at(i); i++) table = mct_kernels_at(i);
  }
  __atomic_store_n(&chosen, table, __ATOMIC_RELEASE);
  return table;
}
