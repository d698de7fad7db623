#include "reference.h"

#define CHAINS 12  // enough to hide the latency of two units of four to five cycles

#define MULTIPLY_ADD(name, lanes, attributes)                                              \
  attributes __attribute__((noinline)) static float name(long steps, double *flops) {      \
    typedef float vector __attribute__((vector_size(4 * lanes)));                          \
    vector sum[CHAINS];                                                                    \
    for (int i = 0; i < CHAINS; i++) sum[i] = (vector){0} + (float)i;                      \
    const vector factor = (vector){0} + 0.999f, term = (vector){0} + 0.01f;                \
    for (long step = 0; step < steps; step++)                                              \
      for (int i = 0; i < CHAINS; i++)                                                     \
        sum[i] = __builtin_elementwise_fma(sum[i], factor, term);                          \
    float total = 0;                                                                       \
    for (int i = 0; i < CHAINS; i++) total += sum[i][0];                                   \
    *flops = (double)steps * CHAINS * lanes * 2;                                           \
    return total;                                                                          \
  }

#if defined(__x86_64__)
MULTIPLY_ADD(multiply_add_512, 16, __attribute__((target("avx512f,fma"))))
MULTIPLY_ADD(multiply_add_256, 8, __attribute__((target("avx2,fma"))))
#else
MULTIPLY_ADD(multiply_add_128, 4, )
#endif

float reference_multiply_add(long steps, double *flops) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") ? multiply_add_512(steps, flops)
                                           : multiply_add_256(steps, flops);
#else
  return multiply_add_128(steps, flops);
#endif
}

float reference_read(const float *values, size_t count) {
  typedef float vector __attribute__((vector_size(64), aligned(4)));
  vector sum[4] = {0};
  size_t i = 0;
  for (; i + 64 <= count; i += 64)
    for (int j = 0; j < 4; j++) sum[j] += *(const vector *)(values + i + 16 * j);
  float total = 0;
  for (int j = 0; j < 4; j++)
    for (int l = 0; l < 16; l++) total += sum[j][l];
  for (; i < count; i++) total += values[i];
  return total;
}
