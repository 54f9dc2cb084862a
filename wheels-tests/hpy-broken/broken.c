/* Definitions that no extension should have, and functions whose results contradict the exception that is or is not set. */

#include "hpy.h"
#include <stdlib.h>
#include <string.h>

/* ---- results: NULL or -1 without an exception, a result with one ---- */

static void fail(HPyContext *ctx) { HPyErr_SetString(ctx, ctx->h_KeyError, "set by broken.c"); }

HPyDef_METH(null_noargs, "null_noargs", HPyFunc_NOARGS)
static HPy null_noargs_impl(HPyContext *ctx, HPy self) { return HPy_NULL; }
HPyDef_METH(null_o, "null_o", HPyFunc_O)
static HPy null_o_impl(HPyContext *ctx, HPy self, HPy arg) { return HPy_NULL; }
HPyDef_METH(null_varargs, "null_varargs", HPyFunc_VARARGS)
static HPy null_varargs_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs) { return HPy_NULL; }
HPyDef_METH(null_keywords, "null_keywords", HPyFunc_KEYWORDS)
static HPy null_keywords_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs, HPy kwnames) { return HPy_NULL; }

HPyDef_METH(both_noargs, "both_noargs", HPyFunc_NOARGS)
static HPy both_noargs_impl(HPyContext *ctx, HPy self)
{
    fail(ctx);
    return HPy_Dup(ctx, ctx->h_None);
}
HPyDef_METH(both_o, "both_o", HPyFunc_O, .doc = "Gives its argument away, with an exception set.")
static HPy both_o_impl(HPyContext *ctx, HPy self, HPy arg)
{
    fail(ctx);
    return HPy_Dup(ctx, arg);
}
HPyDef_METH(both_varargs, "both_varargs", HPyFunc_VARARGS)
static HPy both_varargs_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    fail(ctx);
    return HPyLong_FromLong(ctx, 1);
}
HPyDef_METH(both_keywords, "both_keywords", HPyFunc_KEYWORDS)
static HPy both_keywords_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs, HPy kwnames)
{
    fail(ctx);
    return HPyUnicode_FromString(ctx, "result");
}

/* ---- a type whose slots lie; `lie` says how ---- */

enum { NOTHING, NO_ERROR, BOTH };
static int lie;

static HPy object_result(HPyContext *ctx)
{
    if (lie == NO_ERROR)
        return HPy_NULL;
    if (lie == BOTH)
        fail(ctx);
    return HPyLong_FromLong(ctx, 7);
}
static int status_result(HPyContext *ctx)
{
    if (lie == BOTH)
        fail(ctx);
    return lie == NO_ERROR ? -1 : 1;
}

typedef struct {
    long number;
} Liar;
HPyType_HELPERS(Liar)

HPyDef_SLOT(Liar_new, HPy_tp_new)
static HPy Liar_new_impl(HPyContext *ctx, HPy type, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    if (lie == NO_ERROR)
        return HPy_NULL;
    Liar *data;
    HPy made = HPy_New(ctx, type, &data);
    if (lie == BOTH)
        fail(ctx);
    return made;
}
HPyDef_SLOT(Liar_init, HPy_tp_init)
static int Liar_init_impl(HPyContext *ctx, HPy self, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    int result = status_result(ctx);
    return result == 1 ? 0 : result;
}
HPyDef_SLOT(Liar_repr, HPy_tp_repr)
static HPy Liar_repr_impl(HPyContext *ctx, HPy self) { return object_result(ctx); }
HPyDef_SLOT(Liar_call, HPy_tp_call)
static HPy Liar_call_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs, HPy kwnames) { return object_result(ctx); }
HPyDef_SLOT(Liar_hash, HPy_tp_hash)
static HPy_hash_t Liar_hash_impl(HPyContext *ctx, HPy self) { return status_result(ctx); }
HPyDef_SLOT(Liar_compare, HPy_tp_richcompare)
static HPy Liar_compare_impl(HPyContext *ctx, HPy self, HPy other, HPy_RichCmpOp op) { return object_result(ctx); }
HPyDef_SLOT(Liar_add, HPy_nb_add)
static HPy Liar_add_impl(HPyContext *ctx, HPy self, HPy other) { return object_result(ctx); }
HPyDef_SLOT(Liar_power, HPy_nb_power)
static HPy Liar_power_impl(HPyContext *ctx, HPy self, HPy other, HPy modulus) { return object_result(ctx); }
HPyDef_SLOT(Liar_bool, HPy_nb_bool)
static int Liar_bool_impl(HPyContext *ctx, HPy self) { return status_result(ctx); }
HPyDef_SLOT(Liar_index, HPy_nb_index)
static HPy Liar_index_impl(HPyContext *ctx, HPy self) { return object_result(ctx); }
HPyDef_SLOT(Liar_length, HPy_mp_length)
static HPy_ssize_t Liar_length_impl(HPyContext *ctx, HPy self)
{
    int result = status_result(ctx);
    return result == -1 ? -12345 : result;
}
HPyDef_SLOT(Liar_item, HPy_mp_subscript)
static HPy Liar_item_impl(HPyContext *ctx, HPy self, HPy key) { return object_result(ctx); }
HPyDef_SLOT(Liar_set_item, HPy_mp_ass_subscript)
static int Liar_set_item_impl(HPyContext *ctx, HPy self, HPy key, HPy value)
{
    int result = status_result(ctx);
    return result == 1 ? 0 : result;
}
HPyDef_SLOT(Liar_contains, HPy_sq_contains)
static int Liar_contains_impl(HPyContext *ctx, HPy self, HPy item) { return status_result(ctx); }
HPyDef_SLOT(Liar_get_buffer, HPy_bf_getbuffer)
static int Liar_get_buffer_impl(HPyContext *ctx, HPy self, HPy_buffer *buffer, int flags)
{
    static char memory[8];
    static HPy_ssize_t shape[1] = {8};
    if (lie == NO_ERROR)
        return -1;
    memset(buffer, 0, sizeof *buffer);
    buffer->buf = memory;
    buffer->len = lie == BOTH ? -8 : 8; /* a negative size */
    buffer->itemsize = 1;
    buffer->ndim = 1;
    buffer->shape = shape;
    buffer->obj = HPy_Dup(ctx, self);
    return 0;
}
HPyDef_GETSET(Liar_attribute, "attribute")
static HPy Liar_attribute_get(HPyContext *ctx, HPy self, void *closure) { return object_result(ctx); }
static int Liar_attribute_set(HPyContext *ctx, HPy self, HPy value, void *closure)
{
    int result = status_result(ctx);
    return result == 1 ? 0 : result;
}

static HPyDef *Liar_defines[] = {
    &Liar_new,   &Liar_init,  &Liar_repr,   &Liar_call, &Liar_hash,     &Liar_compare,  &Liar_add,        &Liar_power,
    &Liar_bool,  &Liar_index, &Liar_length, &Liar_item, &Liar_set_item, &Liar_contains, &Liar_get_buffer, &Liar_attribute,
    NULL,
};
static HPyType_Spec Liar_spec = {
    .name = "hpy_broken.Liar",
    .basicsize = sizeof(Liar),
    .builtin_shape = SHAPE(Liar),
    .flags = HPy_TPFLAGS_DEFAULT,
    .defines = Liar_defines,
};

HPyDef_METH(set_lie, "set_lie", HPyFunc_O, .doc = "0: the truth, 1: failure without an exception, 2: a result with one.")
static HPy set_lie_impl(HPyContext *ctx, HPy self, HPy how)
{
    lie = (int)HPyLong_AsLong(ctx, how);
    return HPy_Dup(ctx, ctx->h_None);
}

/* ---- specifications that must be refused ---- */

HPyDef_METH(plain, "plain", HPyFunc_NOARGS)
static HPy plain_impl(HPyContext *ctx, HPy self) { return HPy_Dup(ctx, ctx->h_None); }

static HPyDef number_member = {
    .kind = HPyDef_Kind_Member,
    .member = {.name = "number", .type = HPyMember_LONG, .offset = 0},
};

HPyDef_METH(make, "make", HPyFunc_O, .doc = "A type with the fault that the argument names.")
static HPy make_impl(HPyContext *ctx, HPy self, HPy fault)
{
    const char *what = HPyUnicode_AsUTF8AndSize(ctx, fault, NULL);
    if (what == NULL)
        return HPy_NULL;
    HPyDef def = plain;
    HPyDef member = number_member;
    HPyDef *defines[] = {&def, &member, NULL};
    HPyType_Spec spec = {
        .name = "hpy_broken.Made",
        .basicsize = sizeof(Liar),
        .flags = HPy_TPFLAGS_DEFAULT,
        .builtin_shape = HPyType_BuiltinShape_Object,
        .defines = defines,
    };
    HPyType_SpecParam params[] = {{0, HPy_NULL}, {0, HPy_NULL}, {0, HPy_NULL}};
    if (strcmp(what, "slot") == 0) {
        def.kind = HPyDef_Kind_Slot;
        def.slot.slot = (HPySlot_Slot)(rand() % 100000 + 500);
        def.slot.impl = (HPyCFunction)Liar_repr_impl;
    } else if (strcmp(what, "negative slot") == 0) {
        def.kind = HPyDef_Kind_Slot;
        def.slot.slot = (HPySlot_Slot)-3;
        def.slot.impl = (HPyCFunction)Liar_repr_impl;
    } else if (strcmp(what, "module slot") == 0) {
        def.kind = HPyDef_Kind_Slot;
        def.slot.slot = HPy_mod_exec;
        def.slot.impl = (HPyCFunction)Liar_bool_impl;
    } else if (strcmp(what, "kind") == 0) {
        def.kind = (HPyDef_Kind)77;
    } else if (strcmp(what, "signature") == 0) {
        def.meth.signature = (HPyFunc_Signature)1234;
    } else if (strcmp(what, "slot's signature") == 0) {
        def.meth.signature = HPyFunc_TRAVERSEPROC;
    } else if (strcmp(what, "shape") == 0) {
        spec.builtin_shape = (HPyType_BuiltinShape)99;
    } else if (strcmp(what, "legacy shape") == 0) {
        spec.builtin_shape = HPyType_BuiltinShape_Legacy;
    } else if (strcmp(what, "legacy slots") == 0) {
        spec.legacy_slots = defines;
    } else if (strcmp(what, "negative basicsize") == 0) {
        spec.basicsize = -1;
    } else if (strcmp(what, "most negative basicsize") == 0) {
        spec.basicsize = -2147483647 - 1;
    } else if (strcmp(what, "negative itemsize") == 0) {
        spec.itemsize = -4;
    } else if (strcmp(what, "huge basicsize") == 0) {
        spec.basicsize = 2147483647;
    } else if (strcmp(what, "traverse") == 0) {
        spec.flags |= HPy_TPFLAGS_HAVE_GC;
    } else if (strcmp(what, "member offset") == 0) {
        member.member.offset = sizeof(Liar);
    } else if (strcmp(what, "negative member offset") == 0) {
        member.member.offset = -8;
    } else if (strcmp(what, "huge member offset") == 0) {
        member.member.offset = (HPy_ssize_t)((size_t)-1 >> 1);
    } else if (strcmp(what, "member kind") == 0) {
        member.member.type = (HPyMember_FieldType)55;
    } else if (strcmp(what, "member without struct") == 0) {
        spec.basicsize = 0;
    } else if (strcmp(what, "base") == 0) {
        params[0] = (HPyType_SpecParam){HPyType_SpecParam_Base, fault};
    } else if (strcmp(what, "null base") == 0) {
        params[0] = (HPyType_SpecParam){HPyType_SpecParam_Base, HPy_NULL};
    } else if (strcmp(what, "bases tuple") == 0) {
        params[0] = (HPyType_SpecParam){HPyType_SpecParam_BasesTuple, fault};
    } else if (strcmp(what, "param") == 0) {
        params[0] = (HPyType_SpecParam){(HPyType_SpecParam_Kind)42, ctx->h_BaseObjectType};
    } else if (strcmp(what, "metaclass") == 0) {
        params[0] = (HPyType_SpecParam){HPyType_SpecParam_Metaclass, ctx->h_LongType};
    } else if (strcmp(what, "final base") == 0) {
        params[0] = (HPyType_SpecParam){HPyType_SpecParam_Base, ctx->h_BoolType};
    } else if (strcmp(what, "shape of another base") == 0) {
        params[0] = (HPyType_SpecParam){HPyType_SpecParam_Base, ctx->h_ListType};
    } else if (strcmp(what, "nothing") != 0) {
        HPyErr_SetString(ctx, ctx->h_LookupError, what);
        return HPy_NULL;
    }
    return HPyType_FromSpec(ctx, &spec, params);
}

/* ---- calls of context functions with sizes and arguments that make no sense ---- */

HPyDef_METH(ask, "ask", HPyFunc_O, .doc = "Calls the context function that the argument names, wrongly.")
static HPy ask_impl(HPyContext *ctx, HPy self, HPy name)
{
    const char *what = HPyUnicode_AsUTF8AndSize(ctx, name, NULL);
    if (what == NULL)
        return HPy_NULL;
    if (strcmp(what, "list") == 0)
        return HPyList_New(ctx, -1);
    if (strcmp(what, "huge list") == 0)
        return HPyList_New(ctx, (HPy_ssize_t)((size_t)-1 >> 1));
    if (strcmp(what, "bytes") == 0)
        return HPyBytes_FromStringAndSize(ctx, "abc", -5);
    if (strcmp(what, "null bytes") == 0)
        return HPyBytes_FromStringAndSize(ctx, NULL, 3);
    if (strcmp(what, "tuple") == 0)
        return HPyTuple_FromArray(ctx, &name, -1);
    if (strcmp(what, "wide") == 0)
        return HPyUnicode_FromWideChar(ctx, L"abc", -7);
    if (strcmp(what, "ascii") == 0)
        return HPyUnicode_DecodeASCII(ctx, "abc", -2, "strict");
    if (strcmp(what, "list builder") == 0)
        return HPyListBuilder_Build(ctx, HPyListBuilder_New(ctx, -1));
    if (strcmp(what, "tuple builder") == 0)
        return HPyTupleBuilder_Build(ctx, HPyTupleBuilder_New(ctx, -3));
    if (strcmp(what, "item of a number") == 0)
        return HPy_GetItem_i(ctx, ctx->h_LongType, -9);
    if (strcmp(what, "append to text") == 0)
        return HPyList_Append(ctx, name, name) < 0 ? HPy_NULL : HPy_Dup(ctx, ctx->h_None);
    if (strcmp(what, "utf8 of a type") == 0)
        return HPyUnicode_AsUTF8AndSize(ctx, ctx->h_LongType, NULL) == NULL ? HPy_NULL : HPy_Dup(ctx, ctx->h_None);
    if (strcmp(what, "pointer of text") == 0)
        return HPyCapsule_GetPointer(ctx, name, "x") == NULL ? HPy_NULL : HPy_Dup(ctx, ctx->h_None);
    if (strcmp(what, "null capsule") == 0)
        return HPyCapsule_New(ctx, NULL, "x", NULL);
    if (strcmp(what, "new of text") == 0) {
        Liar *data;
        return HPy_New(ctx, name, &data);
    }
    if (strcmp(what, "compile") == 0)
        return HPy_Compile_s(ctx, "1", "file", (HPy_SourceKind)99);
    HPyErr_SetString(ctx, ctx->h_LookupError, what);
    return HPy_NULL;
}

/* ---- the module ---- */

static int fail_exec;

HPyDef_SLOT(execute, HPy_mod_exec)
static int execute_impl(HPyContext *ctx, HPy module)
{
    if (fail_exec == NO_ERROR)
        return -1;
    if (fail_exec == BOTH)
        fail(ctx);
    return HPyHelpers_AddType(ctx, module, "Liar", &Liar_spec, NULL) ? 0 : -1;
}

static HPyDef extra = {.kind = HPyDef_Kind_Slot, .slot = {.slot = (HPySlot_Slot)4711}};

static HPyDef *defines[] = {
    &null_noargs, &null_o, &null_varargs, &null_keywords, &both_noargs, &both_o,  &both_varargs,
    &both_keywords, &set_lie, &make,      &ask,           &execute,     NULL,     NULL,
};
#define LAST (sizeof(defines) / sizeof(defines[0]) - 2)
static HPyModuleDef module = {.doc = "Broken in many ways.", .defines = defines};

__attribute__((constructor)) static void break_definition(void)
{
    const char *what = getenv("HPY_BROKEN");
    if (what == NULL)
        return;
    if (strcmp(what, "negative size") == 0)
        module.size = -1;
    else if (strcmp(what, "size") == 0)
        module.size = 8;
    else if (strcmp(what, "slot") == 0)
        defines[LAST] = &extra;
    else if (strcmp(what, "type's slot") == 0)
        defines[LAST] = &Liar_repr;
    else if (strcmp(what, "kind") == 0) {
        extra.kind = (HPyDef_Kind)55;
        defines[LAST] = &extra;
    } else if (strcmp(what, "member") == 0)
        defines[LAST] = &number_member;
    else if (strcmp(what, "signature") == 0)
        null_o.meth.signature = (HPyFunc_Signature)99;
    else if (strcmp(what, "exec without error") == 0)
        fail_exec = NO_ERROR;
    else if (strcmp(what, "exec with error") == 0)
        fail_exec = BOTH;
    else if (strcmp(what, "two creators") == 0) {
        extra.slot.slot = HPy_mod_create;
        defines[LAST] = &extra;
    }
}

HPy_MODINIT(hpy_broken, module)
