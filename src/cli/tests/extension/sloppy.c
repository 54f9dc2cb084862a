/* Calls the functions of the context with whatever comes: calls.h is made from the runtime's table. */
#include "context.h"
#include <limits.h>
#include <math.h>

static const H *pool;
static long pool_size;
static unsigned long state;
static H some[24], global, out_handle, list_builder, tuple_builder, tracker, last;
static long out_size;
static void *out_data;

static unsigned long next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}
static long pick(long count) { return next() % count; }

/* An argument, NULL, a constant, what is closed already. */
static H any_handle(Ctx *ctx) {
    switch (pick(16)) {
    case 0: return 0;
    case 1: return ctx->h_None;
    case 2: return ctx->h_TypeError;
    case 3: return last;
    default: return pool[pick(pool_size)];
    }
}
static const H *some_handles(Ctx *ctx) {
    for (int i = 0; i < 24; i++) some[i] = any_handle(ctx);
    return some;
}
static long any_number(void) {
    static const long numbers[] = {0, 1, -1, 2, 3, -7, 100, INT_MAX, INT_MIN, LONG_MAX, LONG_MIN};
    return numbers[pick(sizeof numbers / sizeof *numbers)];
}
static double any_double(void) {
    const double numbers[] = {0, -1.5, 1e300, NAN, INFINITY};
    return numbers[pick(5)];
}
static const char *any_text(void) {
    static const char *texts[] = {"name", "", "a.b", "\xff\xfe", "1+1", "utf-8", "strict", "import", "__class__", 0};
    return texts[pick(sizeof texts / sizeof *texts)];
}
static void give_up(Ctx *ctx, H handle) {
    if (pick(8) == 0) ctx->ctx_Close(ctx, last);
    ctx->ctx_Close(ctx, handle);
    last = handle;
}

#include "calls.h"

/* run(seed, count, *pool) */
static H run(Ctx *ctx, H self, const H *args, size_t count) {
    state = ctx->ctx_Long_AsInt64_t(ctx, args[0]) * 2 + 1;
    long calls = ctx->ctx_Long_AsInt64_t(ctx, args[1]);
    pool = args + 2;
    pool_size = count - 2;
    while (calls-- > 0) {
        out_handle = 0;
        call(ctx, pick(CALLS));
        if (out_handle) ctx->ctx_Close(ctx, out_handle);
        ctx->ctx_Err_Clear(ctx);
    }
    return ctx->ctx_Dup(ctx, ctx->h_None);
}

static Def defs[] = {METH("run", run, 1), METH("calls", run, 1)};
static Def *defines[] = {&defs[0], 0};
static H *globals[] = {&global, 0};
static const ModuleDef module = {"Sloppy.", 0, 0, defines, globals};

uint32_t get_required_hpy_major_version_sloppy(void) { return 0; }
uint32_t get_required_hpy_minor_version_sloppy(void) { return 0; }
void HPyInitGlobalContext_sloppy(Ctx *ctx) {}
const ModuleDef *HPyInit_sloppy(void) { return &module; }
