/* A small HPy universal module for the tests. `context.h` is generated from the runtime's own table. */
#include "context.h"

typedef struct { long number; H field; double weight; char text[8]; } Pair;

static long destroyed;

static H answer(Ctx *ctx, H self) { return ctx->ctx_Long_FromInt64_t(ctx, 42); }
static H same(Ctx *ctx, H self, H arg) { return ctx->ctx_Dup(ctx, arg); }
static H total(Ctx *ctx, H self, const H *args, size_t count) {
    long sum = 0;
    for (size_t i = 0; i < count; i++) {
        long number = ctx->ctx_Long_AsInt64_t(ctx, args[i]);
        if (number == -1 && ctx->ctx_Err_Occurred(ctx)) return 0;
        sum += number;
    }
    return ctx->ctx_Long_FromInt64_t(ctx, sum);
}
static H names(Ctx *ctx, H self, const H *args, size_t count, H kwnames) {
    return kwnames ? ctx->ctx_Dup(ctx, kwnames) : ctx->ctx_Dup(ctx, ctx->h_None);
}
static H silent(Ctx *ctx, H self) { return 0; }
static H both(Ctx *ctx, H self) {
    ctx->ctx_Err_SetString(ctx, ctx->h_ValueError, "left behind");
    return ctx->ctx_Dup(ctx, ctx->h_None);
}
static H null_argument(Ctx *ctx, H self) { return ctx->ctx_Repr(ctx, 0); }
static H deaths(Ctx *ctx, H self) { return ctx->ctx_Long_FromInt64_t(ctx, destroyed); }
static H away(Ctx *ctx, H self) {
    H state = ctx->ctx_LeavePythonExecution(ctx);
    for (volatile long i = 0; i < 50000000; i++) {}
    ctx->ctx_ReenterPythonExecution(ctx, state);
    return ctx->ctx_Dup(ctx, ctx->h_None);
}
static H text_of(Ctx *ctx, H self, H arg) {
    long size;
    const char *text = ctx->ctx_Unicode_AsUTF8AndSize(ctx, arg, &size);
    if (!text) return 0;
    if (text[size]) { ctx->ctx_Err_SetString(ctx, ctx->h_SystemError, "no NUL behind the text"); return 0; }
    return ctx->ctx_Bytes_FromStringAndSize(ctx, text, size);
}
/* Keeps handles in memory that no collector looks at. */
static H hoard(Ctx *ctx, H self, H arg) {
    enum { COUNT = 3000 };
    H *kept = malloc(COUNT * sizeof(H));
    for (int i = 0; i < COUNT; i++) {
        H number = ctx->ctx_Long_FromInt64_t(ctx, i);
        kept[i] = ctx->ctx_Tuple_FromArray(ctx, &number, 1);
    }
    H garbage = ctx->ctx_Call(ctx, arg, 0, 0, 0);
    if (garbage) ctx->ctx_Close(ctx, garbage);
    long sum = 0;
    for (int i = 0; i < COUNT; i++) {
        H item = ctx->ctx_GetItem_i(ctx, kept[i], 0);
        sum += ctx->ctx_Long_AsInt64_t(ctx, item);
        ctx->ctx_Close(ctx, item);
        ctx->ctx_Close(ctx, kept[i]);
    }
    free(kept);
    return garbage ? ctx->ctx_Long_FromInt64_t(ctx, sum) : 0;
}

static Pair *data(Ctx *ctx, H h) { return ctx->ctx_AsStruct_Object(ctx, h); }
static H pair_new(Ctx *ctx, H type, const H *args, long count, H kw) {
    void *memory;
    H object = ctx->ctx_New(ctx, type, &memory);
    if (!object) return 0;
    Pair *pair = memory;
    pair->number = count;
    if (count > 0) ctx->ctx_Field_Store(ctx, object, &pair->field, args[0]);
    return object;
}
static H pair_first(Ctx *ctx, H self, void *closure) {
    Pair *pair = data(ctx, self);
    return pair->field ? ctx->ctx_Field_Load(ctx, self, pair->field) : ctx->ctx_Dup(ctx, ctx->h_None);
}
static int pair_set_first(Ctx *ctx, H self, H value, void *closure) {
    ctx->ctx_Field_Store(ctx, self, &data(ctx, self)->field, value);
    return 0;
}
static H pair_add(Ctx *ctx, H left, H right) { return ctx->ctx_Tuple_FromArray(ctx, (H[]){left, right}, 2); }
static long pair_length(Ctx *ctx, H self) { return data(ctx, self)->number; }
static H pair_item(Ctx *ctx, H self, long index) { return ctx->ctx_Long_FromInt64_t(ctx, index); }
static H pair_call(Ctx *ctx, H self, const H *args, size_t count, H kwnames) { return ctx->ctx_Tuple_FromArray(ctx, (H *)args, count); }
static int pair_traverse(void *memory, int (*visit)(H *, void *), void *arg) {
    Pair *pair = memory;
    return pair->field ? visit(&pair->field, arg) : 0;
}
static void pair_destroy(void *memory) { __atomic_fetch_add(&destroyed, 1, __ATOMIC_RELAXED); }

static Def pair_slots[] = {
    SLOT(65, pair_new), SLOT(7, pair_add), SLOT(45, pair_length), SLOT(44, pair_item), SLOT(50, pair_call),
    SLOT(71, pair_traverse), SLOT(1000, pair_destroy),
};
static Def pair_number = MEMBER("number", 2, offsetof(Pair, number)), pair_weight = MEMBER("weight", 4, offsetof(Pair, weight));
static Def pair_getset = GETSET("first", pair_first, pair_set_first);
static Def *pair_defines[] = {
    &pair_slots[0], &pair_slots[1], &pair_slots[2], &pair_slots[3], &pair_slots[4], &pair_slots[5], &pair_slots[6],
    &pair_number, &pair_weight, &pair_getset, 0,
};
static const Spec pair_spec = {"sample.Pair", sizeof(Pair), 0, 1 << 9 | 1 << 18 | 1 << 10 | 1 << 14, 0, 0, pair_defines, "A pair."};

static H remembered;
static H remember(Ctx *ctx, H self, H arg) { ctx->ctx_Global_Store(ctx, &remembered, arg); return ctx->ctx_Dup(ctx, ctx->h_None); }
static H recall(Ctx *ctx, H self) { return ctx->ctx_Global_Load(ctx, remembered); }

static int execute(Ctx *ctx, H module) {
    H type = ctx->ctx_Type_FromSpec(ctx, &pair_spec, 0);
    if (!type) return -1;
    int result = ctx->ctx_SetAttr_s(ctx, module, "Pair", type);
    ctx->ctx_Close(ctx, type);
    return result;
}

static Def defs[] = {
    METH("answer", answer, 3), METH("same", same, 4), METH("total", total, 1), METH("names", names, 2), METH("silent", silent, 3),
    METH("both", both, 3), METH("null_argument", null_argument, 3), METH("deaths", deaths, 3), METH("away", away, 3),
    METH("text_of", text_of, 4), METH("hoard", hoard, 4), METH("remember", remember, 4), METH("recall", recall, 3),
    SLOT(2001, execute),
};
static Def *defines[] = {
    &defs[0], &defs[1], &defs[2], &defs[3], &defs[4], &defs[5], &defs[6], &defs[7], &defs[8], &defs[9], &defs[10], &defs[11],
    &defs[12], &defs[13], 0,
};
static H *globals[] = {&remembered, 0};
static const ModuleDef module = {"A sample.", 0, 0, defines, globals};

uint32_t get_required_hpy_major_version_sample(void) { return 0; }
uint32_t get_required_hpy_minor_version_sample(void) { return 0; }
void HPyInitGlobalContext_sample(Ctx *ctx) {}
const ModuleDef *HPyInit_sample(void) { return &module; }
