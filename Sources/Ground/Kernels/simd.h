// The vocabulary that every kernel is written in: 16 lanes of float or int32.
//
// Clang's vector types compile to one AVX-512 register, two of AVX or four of SSE or NEON; only table
// look-ups need words of their own for each instruction set. Included below a
// `#pragma clang attribute` that names the instruction set, so everything here is static inline.

#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Vectors never cross a call that is not inlined, so their calling convention does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define LANES 16
#define INLINE static inline __attribute__((always_inline))

typedef float vf __attribute__((vector_size(64)));
typedef int32_t vi __attribute__((vector_size(64)));
typedef uint32_t vu __attribute__((vector_size(64)));
typedef int16_t vs __attribute__((vector_size(64)));  // twice as many
typedef float vf_unaligned __attribute__((vector_size(64), aligned(4)));
typedef int16_t vs_unaligned __attribute__((vector_size(64), aligned(2)));
typedef int32_t vi_unaligned __attribute__((vector_size(64), aligned(4)));

INLINE vf load(const float *p) { return *(const vf_unaligned *)p; }
INLINE void store(float *p, vf v) { *(vf_unaligned *)p = v; }
INLINE vi load_i(const int32_t *p) { return *(const vi_unaligned *)p; }
INLINE void store_i(int32_t *p, vi v) { *(vi_unaligned *)p = v; }
INLINE vs load_s(const int16_t *p) { return *(const vs_unaligned *)p; }
INLINE vs splat_s(int16_t x) { return x - (vs){0}; }
INLINE vf splat(float x) { return x - (vf){0}; }
INLINE vi splat_i(int32_t x) { return x - (vi){0}; }
INLINE vf select_f(vi mask, vf a, vf b) { return (vf)((mask & (vi)a) | (~mask & (vi)b)); }
// One instruction each; `__builtin_elementwise_min` takes three, for the sake of NaN.
INLINE vf min_f(vf a, vf b) { return select_f(a < b, a, b); }
INLINE vf max_f(vf a, vf b) { return select_f(a > b, a, b); }
#if defined(MCT_NO_FMA)
INLINE vf fma_f(vf a, vf b, vf c) { return a * b + c; }
#else
INLINE vf fma_f(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }
#endif
INLINE vf square_root(vf x) { return __builtin_elementwise_sqrt(x); }
INLINE vf round_down(vf x) { return __builtin_elementwise_floor(x); }
INLINE vf to_float(vi x) { return __builtin_convertvector(x, vf); }
INLINE vi to_int(vf x) { return __builtin_convertvector(x, vi); }  // towards zero

static const vf lane_numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// table[index] for 16 indices.
INLINE vf gather(const float *table, vi index) {
#if defined(MCT_AVX512)
  return (vf)_mm512_i32gather_ps((__m512i)index, table, 4);
#elif defined(MCT_AVX2)
  union { vi whole; __m256i half[2]; } i = {index};
  union { __m256 half[2]; vf whole; } r;
  r.half[0] = _mm256_i32gather_ps(table, i.half[0], 4);
  r.half[1] = _mm256_i32gather_ps(table, i.half[1], 4);
  return r.whole;
#else
  vf r;
  for (int l = 0; l < LANES; l++) r[l] = table[index[l]];
  return r;
#endif
}

// table[index] and table[index + 1] for indices that rise from lane to lane.
INLINE void gather_pair(const float *table, vi index, vf *low, vf *high) {
#if defined(MCT_AVX512)
  // Neighbouring lanes read neighbouring entries: where all lie in one register, a permute of two
  // plain loads replaces two gathers.
  const int32_t first = index[0];
  if (index[LANES - 1] - first < LANES) {
    const __m512i lane = (__m512i)(index - first);
    *low = (vf)_mm512_permutexvar_ps(lane, _mm512_loadu_ps(table + first));
    *high = (vf)_mm512_permutexvar_ps(lane, _mm512_loadu_ps(table + first + 1));
    return;
  }
#endif
  *low = gather(table, index);
  *high = gather(table + 1, index);
}

// v * factor / 32768, rounded, for factors from 0 on.
INLINE vs scaled(vs v, vs factor) {
#if defined(MCT_AVX512)
  return (vs)_mm512_mulhrs_epi16((__m512i)v, (__m512i)factor);
#elif defined(MCT_AVX2)
  union { vs whole; __m256i half[2]; } r = {v}, f = {factor};
  r.half[0] = _mm256_mulhrs_epi16(r.half[0], f.half[0]);
  r.half[1] = _mm256_mulhrs_epi16(r.half[1], f.half[1]);
  return r.whole;
#else
  typedef int32_t wide __attribute__((vector_size(128)));
  const wide product = __builtin_convertvector(v, wide) * __builtin_convertvector(factor, wide);
  return __builtin_convertvector((product + (1 << 14)) >> 15, vs);
#endif
}

// table[index] in the lower and table[index + 1] in the upper half of each lane.
INLINE vi gather_pairs(const int16_t *table, vi index) {
#if defined(MCT_AVX2)
  union { vi whole; __m256i half[2]; } i = {index}, r;
  r.half[0] = _mm256_i32gather_epi32((const int *)table, i.half[0], 2);
  r.half[1] = _mm256_i32gather_epi32((const int *)table, i.half[1], 2);
  return r.whole;
#else
  vi r;
  for (int l = 0; l < LANES; l++) {
    int32_t pair;
    memcpy(&pair, table + index[l], sizeof pair);
    r[l] = pair;
  }
  return r;
#endif
}

// The lower halves' product plus the upper halves', of signed 16-bit numbers.
INLINE vi weighted_sums(vi pairs, vi weights) {
#if defined(MCT_AVX2)
  union { vi whole; __m256i half[2]; } p = {pairs}, w = {weights};
  p.half[0] = _mm256_madd_epi16(p.half[0], w.half[0]);
  p.half[1] = _mm256_madd_epi16(p.half[1], w.half[1]);
  return p.whole;
#elif defined(MCT_AVX512)
  // Told as what it is: compilers take the arithmetic below apart where pairs were just put together.
  return (vi)_mm512_madd_epi16((__m512i)pairs, (__m512i)weights);
#else
  return ((pairs << 16) >> 16) * ((weights << 16) >> 16) + (pairs >> 16) * (weights >> 16);
#endif
}
