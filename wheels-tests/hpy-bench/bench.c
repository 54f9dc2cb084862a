/* The extension that `cargo xtask hpy-bench` measures: small functions to call from Python, and loops of API calls in C. */

#include "hpy.h"

/* Called from Python. */

HPyDef_METH(noargs, "noargs", HPyFunc_NOARGS)
static HPy noargs_impl(HPyContext *ctx, HPy self) { return HPy_Dup(ctx, ctx->h_None); }

HPyDef_METH(onearg, "onearg", HPyFunc_O)
static HPy onearg_impl(HPyContext *ctx, HPy self, HPy arg) { return HPy_Dup(ctx, ctx->h_None); }

HPyDef_METH(varargs, "varargs", HPyFunc_VARARGS)
static HPy varargs_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs) { return HPy_Dup(ctx, ctx->h_None); }

HPyDef_METH(keywords, "keywords", HPyFunc_KEYWORDS)
static HPy keywords_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs, HPy kwnames)
{
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_METH(parse, "parse", HPyFunc_VARARGS)
static HPy parse_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    long a, b;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "ll", &a, &b))
        return HPy_NULL;
    return HPyLong_FromLong(ctx, a + b);
}

typedef struct {
    long x;
    double y;
} Plain;
HPyType_HELPERS(Plain)

HPyDef_SLOT(Plain_new, HPy_tp_new)
static HPy Plain_new_impl(HPyContext *ctx, HPy type, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    Plain *data;
    HPy result = HPy_New(ctx, type, &data);
    if (!HPy_IsNull(result))
        data->x = 7;
    return result;
}
HPyDef_METH(Plain_meth, "meth", HPyFunc_NOARGS)
static HPy Plain_meth_impl(HPyContext *ctx, HPy self) { return HPy_Dup(ctx, ctx->h_None); }
HPyDef_SLOT(Plain_call, HPy_tp_call)
static HPy Plain_call_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs, HPy kwnames)
{
    return HPy_Dup(ctx, ctx->h_None);
}
HPyDef_MEMBER(Plain_x, "x", HPyMember_LONG, offsetof(Plain, x))
HPyDef_GETSET(Plain_g, "g")
static HPy Plain_g_get(HPyContext *ctx, HPy self, void *closure) { return HPyLong_FromLong(ctx, Plain_AsStruct(ctx, self)->x); }
static int Plain_g_set(HPyContext *ctx, HPy self, HPy value, void *closure)
{
    Plain_AsStruct(ctx, self)->x = HPyLong_AsLong(ctx, value);
    return 0;
}
HPyDef_SLOT(Plain_subscript, HPy_mp_subscript)
static HPy Plain_subscript_impl(HPyContext *ctx, HPy self, HPy key) { return HPy_Dup(ctx, key); }
HPyDef_SLOT(Plain_length, HPy_mp_length)
static HPy_ssize_t Plain_length_impl(HPyContext *ctx, HPy self) { return 3; }
HPyDef_SLOT(Plain_add, HPy_nb_add)
static HPy Plain_add_impl(HPyContext *ctx, HPy a, HPy b) { return HPy_Dup(ctx, ctx->h_None); }

static HPyDef *Plain_defines[] = {
    &Plain_new, &Plain_meth, &Plain_call, &Plain_x, &Plain_g, &Plain_subscript, &Plain_length, &Plain_add, NULL,
};
static HPyType_Spec Plain_spec = {
    .name = "hpy_bench.Plain",
    .basicsize = sizeof(Plain),
    .builtin_shape = SHAPE(Plain),
    .flags = HPy_TPFLAGS_DEFAULT,
    .defines = Plain_defines,
};

typedef struct {
    HPyField field;
} Holder;
HPyType_HELPERS(Holder)

HPyDef_SLOT(Holder_new, HPy_tp_new)
static HPy Holder_new_impl(HPyContext *ctx, HPy type, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    Holder *data;
    HPy result = HPy_New(ctx, type, &data);
    if (!HPy_IsNull(result))
        HPyField_Store(ctx, result, &data->field, type);
    return result;
}
HPyDef_SLOT(Holder_traverse, HPy_tp_traverse)
static int Holder_traverse_impl(void *data, HPyFunc_visitproc visit, void *arg)
{
    HPy_VISIT(&((Holder *)data)->field);
    return 0;
}
static HPyDef *Holder_defines[] = {&Holder_new, &Holder_traverse, NULL};
static HPyType_Spec Holder_spec = {
    .name = "hpy_bench.Holder",
    .basicsize = sizeof(Holder),
    .builtin_shape = SHAPE(Holder),
    .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_HAVE_GC,
    .defines = Holder_defines,
};

/* Called from C: each function runs its body as often as it is told. `a` is the object it works on. */

#define LOOP(NAME, SETUP, BODY, CLEANUP)                                                              \
    HPyDef_METH(NAME, #NAME, HPyFunc_VARARGS)                                                         \
    static HPy NAME##_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)                  \
    {                                                                                                 \
        long count;                                                                                   \
        HPy a;                                                                                        \
        if (!HPyArg_Parse(ctx, NULL, args, nargs, "lO", &count, &a))                                  \
            return HPy_NULL;                                                                          \
        SETUP;                                                                                        \
        for (long i = 0; i < count; i++) {                                                            \
            BODY;                                                                                     \
        }                                                                                             \
        CLEANUP;                                                                                      \
        return HPy_Dup(ctx, ctx->h_None);                                                             \
    }

static volatile long sink;
static volatile double sink_double;
static void *volatile sink_pointer;

LOOP(c_dup, , HPy h = HPy_Dup(ctx, a); HPy_Close(ctx, h), )
LOOP(c_long, , HPy h = HPyLong_FromLong(ctx, i); sink = HPyLong_AsLong(ctx, h); HPy_Close(ctx, h), )
LOOP(c_float, , HPy h = HPyFloat_FromDouble(ctx, i * 0.5); sink_double = HPyFloat_AsDouble(ctx, h); HPy_Close(ctx, h), )
LOOP(c_struct, , sink_pointer = Plain_AsStruct(ctx, a), )
LOOP(c_typecheck, , sink = HPy_TypeCheck(ctx, a, ctx->h_LongType), )
LOOP(c_occurred, , sink = HPyErr_Occurred(ctx), )
LOOP(c_field, Holder *data = Holder_AsStruct(ctx, a), HPyField_Store(ctx, a, &data->field, self);
     HPy h = HPyField_Load(ctx, a, data->field);
     HPy_Close(ctx, h), )
LOOP(c_getitem, , HPy h = HPy_GetItem_i(ctx, a, 1); HPy_Close(ctx, h), )
LOOP(c_setitem, , HPy_SetItem_i(ctx, a, 1, self), )
LOOP(c_getattr, HPy name = HPyUnicode_FromString(ctx, "attribute"), HPy h = HPy_GetAttr(ctx, a, name);
     HPy_Close(ctx, h), HPy_Close(ctx, name))
LOOP(c_getattr_s, , HPy h = HPy_GetAttr_s(ctx, a, "attribute"); HPy_Close(ctx, h), )
LOOP(c_dict, HPy key = HPyLong_FromLong(ctx, 5), HPy_SetItem(ctx, a, key, self); HPy h = HPy_GetItem(ctx, a, key);
     HPy_Close(ctx, h), HPy_Close(ctx, key))
LOOP(c_call, HPy arg = HPyLong_FromLong(ctx, 5), HPy h = HPy_Call(ctx, a, &arg, 1, HPy_NULL); HPy_Close(ctx, h), HPy_Close(ctx, arg))
LOOP(c_new, , Plain *data; HPy h = HPy_New(ctx, a, &data); HPy_Close(ctx, h), )
LOOP(c_utf8, HPy_ssize_t size, sink_pointer = (void *)HPyUnicode_AsUTF8AndSize(ctx, a, &size), )
LOOP(c_string, , HPy h = HPyUnicode_FromString(ctx, "hello world"); HPy_Close(ctx, h), )
LOOP(c_tuple, , HPy h = HPyTuple_Pack(ctx, 2, a, self); HPy_Close(ctx, h), )
LOOP(c_append, HPy list = HPyList_New(ctx, 0), HPyList_Append(ctx, list, a), HPy_Close(ctx, list))
LOOP(c_leave, , HPyThreadState state = HPy_LeavePythonExecution(ctx); HPy_ReenterPythonExecution(ctx, state), )
LOOP(c_error, , HPyErr_SetString(ctx, ctx->h_ValueError, "message"); HPyErr_Clear(ctx), )
LOOP(c_add, HPy one = HPyLong_FromLong(ctx, 1), HPy h = HPy_Add(ctx, a, one); HPy_Close(ctx, h), HPy_Close(ctx, one))

HPyDef_SLOT(execute, HPy_mod_exec)
static int execute_impl(HPyContext *ctx, HPy module)
{
    return HPyHelpers_AddType(ctx, module, "Plain", &Plain_spec, NULL) && HPyHelpers_AddType(ctx, module, "Holder", &Holder_spec, NULL)
        ? 0
        : -1;
}

static HPyDef *defines[] = {
    &noargs, &onearg, &varargs, &keywords, &parse, &c_dup, &c_long, &c_float, &c_struct, &c_typecheck, &c_occurred, &c_field,
    &c_getitem, &c_setitem, &c_getattr, &c_getattr_s, &c_dict, &c_call, &c_new, &c_utf8, &c_string, &c_tuple, &c_append, &c_leave,
    &c_error, &c_add, &execute, NULL,
};
static HPyModuleDef module = {.defines = defines};
HPy_MODINIT(hpy_bench, module)
