// Runs every kernel once and keeps what comes out, or compares it with what another CPU kept.
//
//   kernels FILE             writes all results to FILE
//   kernels --against FILE   tells the largest difference of each kernel; exit code 1 above its limit
//
// Built and run by scripts/emulate.sh, for CPUs that the tests themselves do not run on.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

static FILE *file;
static int comparing, failures;

// Values of [0, 1), the same on every machine.
static float uniform(void) {
  static uint64_t state = 88172645463325252u;
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (float)(state >> 40) / (1 << 24);
}

static float *floats(size_t count) {
  float *p = aligned_alloc(64, (count * 4 + 63) / 64 * 64);
  if (!p) exit(2);
  memset(p, 0, count * 4);
  return p;
}

// Keeps or compares `count` values; up to `stray` of them may differ by more than `limit` of the largest.
static void result(const char *name, const float *values, size_t count, double limit, int stray) {
  if (!comparing) {
    if (fwrite(values, 4, count, file) != count) exit(2);
    return;
  }
  float *kept = floats(count);
  if (fread(kept, 4, count, file) != count) {
    fprintf(stderr, "kernels: the file to compare with is cut short\n");
    exit(2);
  }
  double largest = 0, worst = 0;
  for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs(kept[i]));
  int beyond = 0;
  for (size_t i = 0; i < count; i++) {
    const double difference = fabs(values[i] - kept[i]) / largest;
    if (!(difference <= limit)) beyond++;
    else worst = fmax(worst, difference);
  }
  const int fails = beyond > stray || largest == 0;
  failures += fails;
  printf("%-10s %8zu values  %.1e of the largest%s", name, count, worst, fails ? "  FAILS" : "");
  if (beyond) printf("  (%d beyond %.0e)", beyond, limit);
  printf("\n");
  free(kept);
}

// An ellipse of 1 to 2 per cm whose axis winds along z, in slices that are `height` mm apart.
static mct_volume body(double height) {
  enum { nx = 42, ny = 38, nz = 61, stride = 80 };
  float *mu = floats(nx * ny * stride);
  int *bounds = malloc(sizeof(int) * 2 * (nx + ny));
  int *y_first = bounds, *y_last = bounds + nx, *x_first = y_last + nx, *x_last = x_first + ny;
  for (int x = 0; x < nx; x++) y_first[x] = ny, y_last[x] = -1;
  for (int y = 0; y < ny; y++) x_first[y] = nx, x_last[y] = -1;
  for (int y = 1; y < ny - 1; y++)
    for (int x = 1; x < nx - 1; x++)
      for (int z = 0; z < nz; z++) {
        const double a = (x - 20.5 - 3 * sin(0.1 * z)) / 14, b = (y - 18.5) / 11;
        if (a * a + b * b > 1) continue;
        mu[(y * nx + x) * stride + z] = 0.01f * (1 + uniform());
        if (y < y_first[x]) y_first[x] = y;
        if (y > y_last[x]) y_last[x] = y;
        if (x < x_first[y]) x_first[y] = x;
        if (x > x_last[y]) x_last[y] = x;
      }
  return (mct_volume){mu, nx, ny, nz, stride, 6, 6, height, -123, -111, -30 * height,
                      y_first, y_last, x_first, x_last};
}

static void project(const mct_table *kernels) {
  const mct_volume volume = body(2);
  const mct_detector detector = {120, 20, 32, 570, 1040, 0.006, 59.25, 2.2};
  mct_view views[7];
  for (int i = 0; i < 7; i++) views[i] = (mct_view){0.9 * i, -45 + 15.0 * i};
  float *lines = floats(7 * 120 * 32), *rows = floats(7 * 120 * 20);
  void *work = floats(7 * 120 * MCT_FORWARD_WORK / 4);
  for (int block = 1; block <= 4; block += 3) {
    kernels->forward(&volume, &detector, views, 7, block, work, lines);
    for (int i = 0; i < 7 * 120; i++) memcpy(rows + i * 20, lines + i * 32, 20 * 4);
    result("forward", rows, 7 * 120 * 20, 1e-5, 0);
  }
  // Slices so thin that 16 rows see more of them than registers hold.
  const mct_volume thin = body(0.1);
  const mct_view middle = {0.9, 1};
  float *whole = floats(120 * 32);
  kernels->forward(&thin, &detector, &middle, 1, 4, work, whole);
  for (int i = 0; i < 120; i++) memcpy(rows + i * 20, whole + i * 32, 20 * 4);
  result("forward through thin slices", rows, 120 * 20, 1e-5, 0);
  float *incident = floats(120);
  for (int i = 0; i < 120; i++) incident[i] = 2e5f;
  const mct_noise noise = {incident, 5, {1, 2}};
  kernels->noise(&noise, 12345, 120, 20, 32, lines);
  for (int i = 0; i < 120; i++) memcpy(rows + i * 20, lines + i * 32, 20 * 4);
  // Rounding of exp and log may tip a photon now and then.
  result("noise", rows, 120 * 20, 1e-4, 6);
}

static void respond(const mct_table *kernels) {
  enum { waters = 42, bones = 12, lines = 100, count = 320 };
  float *signal = floats(waters * bones), *photons = floats(waters * bones), *inverse = floats(lines);
  for (int w = 0; w < waters; w++)
    for (int b = 0; b < bones; b++) {
      signal[w * bones + b] = 0.2f * w - 0.0005f * w * w + 0.6f * b;
      photons[w * bones + b] = 0.22f * w - 0.0007f * w * w + 0.65f * b;
    }
  for (int i = 0; i < lines; i++) inverse[i] = 3.9f * i;
  // What iodine adds: steps of 40 mm, 5 mm g/cm3 and 0.5 mm g/cm3.
  enum { thick_waters = 12, thick_bones = 6, amounts = 6 };
  float *more = floats(thick_waters * thick_bones * amounts);
  float *lost = floats(thick_waters * thick_bones * amounts);
  for (int i = 0; i < thick_waters * thick_bones * amounts; i++)
    more[i] = 0.4f + 0.5f / (1 + 0.001f * i), lost[i] = 0.9f * more[i];
  const mct_response response = {signal, photons, bones, 10, 2, 400, 20, inverse, lines, 0.08f, 0.02f,
                                 {more, lost, thick_bones, amounts, 40, 5, 0.5f, 2}};
  const mct_bowtie bowtie = {12, 0.25f, 0.26f};
  float *paths = floats(count), *thick = floats(count), *iodine = floats(count);
  for (int i = 0; i < count; i++) paths[i] = 420 * uniform(), thick[i] = 22 * uniform();
  for (int i = 0; i < count; i++) iodine[i] = 2.5f * uniform() - 0.2f;
  kernels->attenuate(&response, &bowtie, 1, count, paths, thick, iodine);
  result("attenuate with iodine", paths, count, 1e-5, 0);
  result("attenuate with iodine", thick, count, 1e-5, 0);
  for (int i = 0; i < count; i++) paths[i] = 420 * uniform(), thick[i] = 22 * uniform();
  kernels->attenuate(&response, &bowtie, 1, count, paths, thick, NULL);
  result("attenuate", paths, count, 1e-5, 0);
  result("attenuate", thick, count, 1e-5, 0);
  kernels->correct(&response, &bowtie, count, thick);
  result("correct", thick, count, 1e-5, 0);
}

static void rebin(const mct_table *kernels) {
  enum { samples = 50, stride = 48, rows = 37 };
  float *views[8], *factor = floats(stride), *out = floats(samples * stride);
  for (int v = 0; v < 8; v++) {
    views[v] = floats(60 * stride);
    for (int i = 0; i < 60 * stride; i++) views[v][i] = uniform();
  }
  for (int r = 0; r < stride; r++) factor[r] = 0.5f + uniform();
  mct_rebin table[samples];
  for (int p = 0; p < samples; p++)
    table[p] = (mct_rebin){p % 5, p, {-0.1f, 0.6f, 0.6f, -0.1f}, {-0.05f, 0.3f, 0.8f, -0.05f}};
  const float taps[3] = {0.25f, 0.5f, 0.25f};
  const float *const pointers[8] = {views[0], views[1], views[2], views[3],
                                    views[4], views[5], views[6], views[7]};
  kernels->rebin(table, samples, rows, stride, pointers, factor, taps, 3, out);
  for (int p = 0; p < samples; p++) memmove(out + p * rows, out + p * stride, rows * 4);
  result("rebin", out, samples * rows, 1e-5, 0);
}

// Nine rays an element, of a detector whose rows fill no vector.
static void average(const mct_table *kernels) {
  enum { CHANNELS = 9, ROWS = 21, STRIDE = 32, FINE = 64 };
  const float taps[] = {0.2f, 0.6f, 0.2f}, row_taps[] = {0.05f, 0.25f, 0.4f, 0.25f, 0.05f};
  float *rays = floats(3 * CHANNELS * FINE), *lines = floats(CHANNELS * STRIDE);
  for (int i = 0; i < 3 * CHANNELS * FINE; i++) rays[i] = 6 * uniform();
  kernels->aperture(3, taps, 3, row_taps, 5, CHANNELS, ROWS, FINE, STRIDE, rays, lines);
  result("aperture", lines, CHANNELS * STRIDE, 1e-6, 0);
  free(rays), free(lines);
}

// Balls in one another and beside, every other one cut by a plane.
static void cast(const mct_table *kernels) {
  enum { SOLIDS = 12, ROWS = 21, PADDED = 24 };
  mct_layer layers[SOLIDS];
  mct_plane planes[SOLIDS];
  double slopes[PADDED], sums[PADDED], work[19 * SOLIDS], enter[PADDED], leave[PADDED];
  for (int r = 0; r < PADDED; r++) slopes[r] = 0.004 * ((r < ROWS ? r : ROWS - 1) - 10);
  for (int i = 0; i < SOLIDS; i++) {
    const double along = 550 + 60 * uniform(), height = 4 * uniform() - 2, radius = 5 + 5 * i;
    planes[i] = (mct_plane){1, 0.5, along + 10 * uniform()};
    layers[i] = (mct_layer){.solid = {.a = {1, 0, 1}, .b = {-along, -height},
                                      .c = along * along + height * height - radius * radius,
                                      .first_plane = i, .plane_count = i % 2},
                            .value = uniform() - 0.3, .lowest = -1, .highest = i % 5 ? 1 : 0};
  }
  kernels->layers(layers, SOLIDS, planes, slopes, ROWS, work, sums);
  kernels->intersect(&layers[SOLIDS - 1].solid, planes, slopes, ROWS, enter, leave);
  float told[3 * ROWS];
  for (int r = 0; r < ROWS; r++)
    told[3 * r] = (float)sums[r], told[3 * r + 1] = (float)enter[r], told[3 * r + 2] = (float)leave[r];
  result("solids", told, 3 * ROWS, 1e-6, 0);
}

static void filter(const mct_table *kernels) {
  enum { n = 256, samples = 120 };
  float *twiddle = floats(2 * n), *spectrum = floats(n), *work = floats(32 * n);
  float *a = floats(samples * 16), *b = floats(samples * 16);
  for (int i = 0; i < n; i++) {
    twiddle[2 * i] = (float)cos(2 * M_PI * i / n);
    twiddle[2 * i + 1] = (float)sin(2 * M_PI * i / n);
    spectrum[i] = (float)(i < n / 2 ? i : n - i) / n;
  }
  for (int i = 0; i < samples * 16; i++) a[i] = uniform(), b[i] = uniform();
  kernels->filter(n, twiddle, spectrum, samples, 16, a, b, work);
  result("filter", a, samples * 16, 1e-5, 0);
  result("filter", b, samples * 16, 1e-5, 0);
  for (int i = 0; i < 32 * n; i++) work[i] = uniform();
  kernels->transform(n, twiddle, work);
  result("transform", work, 32 * n, 1e-5, 0);
}

static void backproject(const mct_table *kernels, int rows) {
  enum { half = 36, samples = 201, x = 20, y = 13, slices = 33 };
  const int stride = (rows + 15) / 16 * 16, packed = rows <= 32 ? 32 : 64;
  const double feed = rows * 0.6;
  const int count = (int)(300 / feed * 2 * half);
  const mct_backprojection geometry = {half, samples, rows, packed, 0.15, 570, 0.6, feed, 0.3, -150,
                                       0.6, -12.6, -8.55, 1.5, 1.5, 13.65};
  mct_packed_view *views = malloc(sizeof(*views) * count);
  float *view = floats(samples * stride), *units = floats(count);
  for (int v = 0; v < count; v++) {
    for (int i = 0; i < samples * stride; i++)
      view[i] = (float)(sin(0.1 * v + 0.05 * (i / stride)) + 0.5 * cos(0.3 * (i % stride)));
    int16_t *samples_of_view = (int16_t *)floats(samples * packed / 2);
    units[v] = kernels->pack(samples, rows, stride, view, packed, samples_of_view);
    views[v] = (mct_packed_view){samples_of_view, units[v]};
  }
  result("pack", units, count, 1e-6, 0);
  float *out = floats(x * y * slices);
  kernels->backproject(&geometry, views, -7, count, 0, x, 0, y, -31, 1.3, slices, x, slices, out);
  // A fast table's look-ups may take a neighbour's weight where rows leave the detector.
  result("backproject", out, x * y * slices, 5e-4, 0);
  for (int v = 0; v < count; v++) free((void *)views[v].samples);
  free(views);
}

int main(int argc, char **argv) {
  comparing = argc == 3 && strcmp(argv[1], "--against") == 0;
  if (argc != 2 && !comparing) return fprintf(stderr, "usage: kernels [--against] FILE\n"), 2;
  file = fopen(argv[argc - 1], comparing ? "rb" : "wb");
  if (!file) return fprintf(stderr, "kernels: %s cannot be opened\n", argv[argc - 1]), 2;
  const mct_table *kernels = mct_kernels();
  if (!kernels) return fprintf(stderr, "kernels: this CPU cannot run what MASKCT_SIMD names\n"), 2;
  if (comparing) printf("kernels '%s'\n", kernels->name);
  project(kernels);
  respond(kernels);
  rebin(kernels);
  average(kernels);
  cast(kernels);
  filter(kernels);
  backproject(kernels, 16);
  backproject(kernels, 64);
  return fclose(file) != 0 || failures > 0;
}
