/* Functions that use the part of HPy that is not about types of one's own. */

#include "hpy.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static HPyGlobal kept;
static HPyGlobal Problem;
static HPyGlobal variable;
static HPyGlobal Point;

/* Arguments and values. */

HPyDef_METH(parse, "parse", HPyFunc_KEYWORDS, .doc = "parse(i, d, s, *, o=None): the arguments as a dict")
static HPy parse_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs, HPy kwnames)
{
    static const char *names[] = {"i", "d", "s", "o", NULL};
    HPyTracker tracker;
    long i;
    double d;
    const char *s;
    HPy o = ctx->h_None;
    if (!HPyArg_ParseKeywords(ctx, &tracker, args, nargs, kwnames, "lds|$O:parse", names, &i, &d, &s, &o))
        return HPy_NULL;
    HPy result = HPy_BuildValue(ctx, "{s:l,s:d,s:s,s:O,s:(i[ff])}", "i", i, "d", d, "s", s, "o", o, "extra", 1, 2.0, 3.0);
    HPyTracker_Close(ctx, tracker);
    return result;
}

HPyDef_METH(integers, "integers", HPyFunc_O, .doc = "An int through every integer conversion.")
static HPy integers_impl(HPyContext *ctx, HPy self, HPy number)
{
    int32_t i32 = HPyLong_AsInt32_t(ctx, number);
    if (HPyErr_Occurred(ctx))
        return HPy_NULL;
    HPyTupleBuilder builder = HPyTupleBuilder_New(ctx, 8);
    HPy items[] = {
        HPyLong_FromInt32_t(ctx, i32),
        HPyLong_FromInt64_t(ctx, HPyLong_AsInt64_t(ctx, number)),
        HPyLong_FromUInt32_t(ctx, HPyLong_AsUInt32_tMask(ctx, number)),
        HPyLong_FromUInt64_t(ctx, HPyLong_AsUInt64_tMask(ctx, number)),
        HPyLong_FromSsize_t(ctx, HPyLong_AsSsize_t(ctx, number)),
        HPyLong_FromSize_t(ctx, (size_t)HPyLong_AsSsize_t(ctx, number)),
        HPyFloat_FromDouble(ctx, HPyLong_AsDouble(ctx, number)),
        HPyBool_FromBool(ctx, HPy_IsTrue(ctx, number)),
    };
    for (int i = 0; i < 8; i++) {
        HPyTupleBuilder_Set(ctx, builder, i, items[i]);
        HPy_Close(ctx, items[i]);
    }
    return HPyTupleBuilder_Build(ctx, builder);
}

HPyDef_METH(arithmetic, "arithmetic", HPyFunc_VARARGS, .doc = "Every operator on two objects; None where it fails.")
static HPy arithmetic_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy a, b;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OO:arithmetic", &a, &b))
        return HPy_NULL;
    HPy results[] = {
        HPy_Add(ctx, a, b), HPy_Subtract(ctx, a, b), HPy_Multiply(ctx, a, b), HPy_FloorDivide(ctx, a, b), HPy_TrueDivide(ctx, a, b),
        HPy_Remainder(ctx, a, b), HPy_Divmod(ctx, a, b), HPy_Power(ctx, a, b, ctx->h_None),
    };
    HPyErr_Clear(ctx);
    HPy more[] = {
        HPy_Negative(ctx, a), HPy_Positive(ctx, a), HPy_Absolute(ctx, a), HPy_InPlaceAdd(ctx, a, b), HPy_InPlaceMultiply(ctx, a, b),
    };
    HPyErr_Clear(ctx);
    HPy list = HPyList_New(ctx, 0);
    for (int i = 0; i < 8; i++) {
        HPyList_Append(ctx, list, HPy_IsNull(results[i]) ? ctx->h_None : results[i]);
        HPy_Close(ctx, results[i]);
    }
    for (int i = 0; i < 5; i++) {
        HPyList_Append(ctx, list, HPy_IsNull(more[i]) ? ctx->h_None : more[i]);
        HPy_Close(ctx, more[i]);
    }
    return list;
}

HPyDef_METH(bits, "bits", HPyFunc_VARARGS)
static HPy bits_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPyTracker tracker;
    HPy a, b;
    if (!HPyArg_Parse(ctx, &tracker, args, nargs, "OO:bits", &a, &b))
        return HPy_NULL;
    HPy results[] = {
        HPy_And(ctx, a, b), HPy_Or(ctx, a, b), HPy_Xor(ctx, a, b), HPy_Lshift(ctx, a, b), HPy_Rshift(ctx, a, b), HPy_Invert(ctx, a),
        HPy_Index(ctx, a),  HPy_Long(ctx, a),  HPy_Float(ctx, a),
    };
    HPy result = HPy_NULL;
    int failed = 0;
    for (int i = 0; i < 9; i++) {
        failed |= HPy_IsNull(results[i]);
        HPyTracker_Add(ctx, tracker, results[i]);
    }
    if (!failed)
        result = HPyTuple_FromArray(ctx, results, 9);
    HPyTracker_Close(ctx, tracker);
    return result;
}

/* Text and bytes. */

HPyDef_METH(text, "text", HPyFunc_O, .doc = "A str taken apart and put together again.")
static HPy text_impl(HPyContext *ctx, HPy self, HPy string)
{
    HPy_ssize_t size;
    const char *utf8 = HPyUnicode_AsUTF8AndSize(ctx, string, &size);
    if (utf8 == NULL)
        return HPy_NULL;
    HPy bytes = HPyUnicode_AsUTF8String(ctx, string);
    HPy copy = HPyUnicode_FromString(ctx, utf8);
    HPy decoded = HPyUnicode_FromEncodedObject(ctx, bytes, "utf-8", "strict");
    HPy part = HPyUnicode_Substring(ctx, string, 1, 3);
    HPy result = HPy_NULL;
    if (!HPy_IsNull(bytes) && !HPy_IsNull(copy) && !HPy_IsNull(decoded) && !HPy_IsNull(part)) {
        HPy first = size ? HPyLong_FromUInt32_t(ctx, HPyUnicode_ReadChar(ctx, string, 0)) : HPy_Dup(ctx, ctx->h_None);
        HPy again = HPyBytes_FromStringAndSize(ctx, HPyBytes_AS_STRING(ctx, bytes), HPyBytes_GET_SIZE(ctx, bytes));
        result = HPy_BuildValue(ctx, "(nOOOOO)", size, copy, decoded, part, first, again);
        HPy_Close(ctx, first);
        HPy_Close(ctx, again);
    }
    HPy_Close(ctx, bytes);
    HPy_Close(ctx, copy);
    HPy_Close(ctx, decoded);
    HPy_Close(ctx, part);
    return result;
}

HPyDef_METH(encode, "encode", HPyFunc_O)
static HPy encode_impl(HPyContext *ctx, HPy self, HPy string)
{
    HPy latin = HPyUnicode_AsLatin1String(ctx, string);
    if (HPy_IsNull(latin))
        return HPy_NULL;
    HPy ascii = HPyUnicode_AsASCIIString(ctx, string);
    if (HPy_IsNull(ascii)) {
        if (!HPyErr_ExceptionMatches(ctx, ctx->h_UnicodeEncodeError)) {
            HPy_Close(ctx, latin);
            return HPy_NULL;
        }
        HPyErr_Clear(ctx);
        ascii = HPy_Dup(ctx, ctx->h_None);
    }
    HPy decoded = HPyUnicode_DecodeLatin1(ctx, HPyBytes_AsString(ctx, latin), HPyBytes_Size(ctx, latin), NULL);
    HPy result = HPyTuple_Pack(ctx, 3, latin, ascii, decoded);
    HPy_Close(ctx, latin);
    HPy_Close(ctx, ascii);
    HPy_Close(ctx, decoded);
    return result;
}

HPyDef_METH(shown, "shown", HPyFunc_O)
static HPy shown_impl(HPyContext *ctx, HPy self, HPy object)
{
    HPy repr = HPy_Repr(ctx, object), str = HPy_Str(ctx, object), ascii = HPy_ASCII(ctx, object);
    HPy result = HPy_NULL;
    if (!HPy_IsNull(repr) && !HPy_IsNull(str) && !HPy_IsNull(ascii))
        result = HPyTuple_Pack(ctx, 3, repr, str, ascii);
    HPy_Close(ctx, repr);
    HPy_Close(ctx, str);
    HPy_Close(ctx, ascii);
    return result;
}

/* Containers. */

HPyDef_METH(count, "count", HPyFunc_O, .doc = "How often each item of a sequence occurs, as a dict.")
static HPy count_impl(HPyContext *ctx, HPy self, HPy items)
{
    HPy_ssize_t length = HPy_Length(ctx, items);
    if (length < 0)
        return HPy_NULL;
    HPy dict = HPyDict_New(ctx);
    for (HPy_ssize_t i = 0; !HPy_IsNull(dict) && i < length; i++) {
        HPy item = HPy_GetItem_i(ctx, items, i);
        int known = HPy_IsNull(item) ? -1 : HPy_Contains(ctx, dict, item);
        long number = 0;
        if (known > 0) {
            HPy old = HPy_GetItem(ctx, dict, item);
            if (!HPy_IsNull(old))
                number = HPyLong_AsLong(ctx, old);
            HPy_Close(ctx, old);
        }
        HPy fresh = HPyLong_FromLong(ctx, number + 1);
        if (known < 0 || HPy_SetItem(ctx, dict, item, fresh) < 0) {
            HPy_Close(ctx, dict);
            dict = HPy_NULL;
        }
        HPy_Close(ctx, fresh);
        HPy_Close(ctx, item);
    }
    return dict;
}

HPyDef_METH(edit, "edit", HPyFunc_O, .doc = "Items and attributes of a copy of a dict, set, read and deleted.")
static HPy edit_impl(HPyContext *ctx, HPy self, HPy dict)
{
    HPy copy = HPyDict_Copy(ctx, dict);
    if (HPy_IsNull(copy))
        return HPy_NULL;
    HPy keys = HPy_NULL, value = HPyUnicode_FromString(ctx, "value"), key = HPyLong_FromLong(ctx, 5);
    if (HPy_SetItem_s(ctx, copy, "a", value) == 0 && HPy_SetItem_i(ctx, copy, 5, value) == 0 && HPy_SetItem_s(ctx, copy, "b", key) == 0
        && HPy_DelItem(ctx, copy, key) == 0 && HPy_DelItem_s(ctx, copy, "b") == 0) {
        HPy got = HPy_GetItem_s(ctx, copy, "a");
        if (HPy_Is(ctx, got, value))
            keys = HPyDict_Keys(ctx, copy);
        HPy_Close(ctx, got);
    }
    HPy_Close(ctx, value);
    HPy_Close(ctx, key);
    HPy_Close(ctx, copy);
    return keys;
}

/* Calls. */

HPyDef_METH(call, "call", HPyFunc_KEYWORDS, .doc = "call(function, ...): calls it with the rest, in three ways.")
static HPy call_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs, HPy kwnames)
{
    if (nargs < 1) {
        HPyErr_SetString(ctx, ctx->h_TypeError, "call() wants a function");
        return HPy_NULL;
    }
    HPy first = HPy_Call(ctx, args[0], args + 1, nargs - 1, kwnames);
    if (HPy_IsNull(first))
        return HPy_NULL;
    HPy tuple, dict, second = HPy_NULL;
    if (HPyHelpers_PackArgsAndKeywords(ctx, args + 1, nargs - 1, kwnames, &tuple, &dict)) {
        second = HPy_CallTupleDict(ctx, args[0], tuple, dict);
        HPy_Close(ctx, tuple);
        HPy_Close(ctx, dict);
    }
    HPy result = HPy_IsNull(second) ? HPy_NULL : HPyTuple_Pack(ctx, 2, first, second);
    HPy_Close(ctx, first);
    HPy_Close(ctx, second);
    return result;
}

HPyDef_METH(join, "join", HPyFunc_VARARGS, .doc = "join(separator, items) through a method call")
static HPy join_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    if (nargs != 2)
        return HPyErr_Format(ctx, ctx->h_TypeError, "join() takes 2 arguments, not %zu", nargs);
    HPy name = HPyUnicode_FromString(ctx, "join");
    HPy result = HPy_CallMethod(ctx, name, args, 2, HPy_NULL);
    HPy_Close(ctx, name);
    return result;
}

HPyDef_METH(square_root, "square_root", HPyFunc_O, .doc = "math.sqrt, imported each time")
static HPy square_root_impl(HPyContext *ctx, HPy self, HPy number)
{
    HPy math = HPyImport_ImportModule(ctx, "math");
    if (HPy_IsNull(math))
        return HPy_NULL;
    HPy tuple = HPyTuple_Pack(ctx, 1, number);
    HPy result = HPy_CallMethodTupleDict_s(ctx, "sqrt", math, tuple, HPy_NULL);
    HPy_Close(ctx, tuple);
    HPy_Close(ctx, math);
    return result;
}

HPyDef_METH(evaluate, "evaluate", HPyFunc_VARARGS, .doc = "evaluate(source, names): the value of an expression")
static HPy evaluate_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    const char *source;
    HPy names;
    HPyTracker tracker;
    if (!HPyArg_Parse(ctx, &tracker, args, nargs, "sO:evaluate", &source, &names))
        return HPy_NULL;
    HPy code = HPy_Compile_s(ctx, source, "<evaluate>", HPy_SourceKind_Expr);
    HPy result = HPy_IsNull(code) ? HPy_NULL : HPy_EvalCode(ctx, code, names, names);
    HPy_Close(ctx, code);
    HPyTracker_Close(ctx, tracker);
    return result;
}

/* Attributes, types, identity. */

HPyDef_METH(attributes, "attributes", HPyFunc_O)
static HPy attributes_impl(HPyContext *ctx, HPy self, HPy object)
{
    HPy name = HPyUnicode_FromString(ctx, "first"), value = HPyLong_FromLong(ctx, 1), result = HPy_NULL;
    if (HPy_SetAttr(ctx, object, name, value) == 0 && HPy_SetAttr_s(ctx, object, "second", value) == 0
        && HPy_HasAttr(ctx, object, name) && HPy_HasAttr_s(ctx, object, "second")) {
        HPy got = HPy_GetAttr(ctx, object, name);
        if (!HPy_IsNull(got) && HPy_DelAttr(ctx, object, name) == 0 && HPy_DelAttr_s(ctx, object, "second") == 0)
            result = HPyBool_FromLong(ctx, !HPy_HasAttr_s(ctx, object, "first"));
        HPy_Close(ctx, got);
    }
    HPy_Close(ctx, name);
    HPy_Close(ctx, value);
    return result;
}

HPyDef_METH(kind, "kind", HPyFunc_O, .doc = "What an object is, in one word.")
static HPy kind_impl(HPyContext *ctx, HPy self, HPy object)
{
    const char *word = HPy_Is(ctx, object, ctx->h_None) ? "none"
        : HPy_TypeCheck(ctx, object, ctx->h_BoolType)  ? "bool"
        : HPy_TypeCheck(ctx, object, ctx->h_LongType)  ? "int"
        : HPy_TypeCheck(ctx, object, ctx->h_FloatType) ? "float"
        : HPyUnicode_Check(ctx, object)                ? "str"
        : HPyBytes_Check(ctx, object)                  ? "bytes"
        : HPyList_Check(ctx, object)                   ? "list"
        : HPyTuple_Check(ctx, object)                  ? "tuple"
        : HPyDict_Check(ctx, object)                   ? "dict"
        : HPyCallable_Check(ctx, object)               ? "callable"
                                                       : "object";
    return HPyUnicode_FromString(ctx, word);
}

HPyDef_METH(is_subtype, "is_subtype", HPyFunc_VARARGS)
static HPy is_subtype_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy sub, type;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OO:is_subtype", &sub, &type))
        return HPy_NULL;
    return HPyBool_FromLong(ctx, HPyType_IsSubtype(ctx, sub, type));
}

/* Errors. */

HPyDef_METH(fail, "fail", HPyFunc_O, .doc = "fail(how): an error of some kind")
static HPy fail_impl(HPyContext *ctx, HPy self, HPy how)
{
    switch (HPyLong_AsLong(ctx, how)) {
    case 0:
        HPyErr_SetString(ctx, ctx->h_ValueError, "a plain error");
        return HPy_NULL;
    case 1:
        HPyErr_SetObject(ctx, ctx->h_KeyError, how);
        return HPy_NULL;
    case 2:
        return HPyErr_Format(ctx, ctx->h_TypeError, "%s %d %R", "formatted", 42, how);
    case 3:
        errno = ENOENT;
        return HPyErr_SetFromErrnoWithFilename(ctx, ctx->h_OSError, "no/such/file");
    case 4: {
        HPy class = HPyGlobal_Load(ctx, Problem);
        HPyErr_SetString(ctx, class, "an error of our own");
        HPy_Close(ctx, class);
        return HPy_NULL;
    }
    case 5:
        return HPyErr_NoMemory(ctx);
    default:
        if (HPyErr_Occurred(ctx))
            return HPy_NULL;
        if (HPyErr_WarnEx(ctx, ctx->h_UserWarning, "nothing failed", 1) < 0)
            return HPy_NULL;
        return HPy_Dup(ctx, ctx->h_None);
    }
}

/* Things that outlive a call. */

HPyDef_METH(keep, "keep", HPyFunc_O, .doc = "Keep an object; returns the one kept before.")
static HPy keep_impl(HPyContext *ctx, HPy self, HPy object)
{
    HPy old = HPyGlobal_Load(ctx, kept);
    HPyGlobal_Store(ctx, &kept, object);
    return old;
}

static long capsules = 0;

HPyCapsule_DESTRUCTOR(release)
static void release_impl(const char *name, void *pointer, void *context)
{
    free(pointer);
    __atomic_sub_fetch(&capsules, 1, __ATOMIC_RELAXED);
}

HPyDef_METH(wrap, "wrap", HPyFunc_O, .doc = "A capsule around a C int.")
static HPy wrap_impl(HPyContext *ctx, HPy self, HPy number)
{
    long value = HPyLong_AsLong(ctx, number);
    if (value == -1 && HPyErr_Occurred(ctx))
        return HPy_NULL;
    long *pointer = malloc(sizeof(long));
    if (pointer == NULL)
        return HPyErr_NoMemory(ctx);
    *pointer = value;
    HPy capsule = HPyCapsule_New(ctx, pointer, "hpy_example.number", &release);
    if (HPy_IsNull(capsule))
        free(pointer);
    else
        __atomic_add_fetch(&capsules, 1, __ATOMIC_RELAXED);
    return capsule;
}

HPyDef_METH(unwrap, "unwrap", HPyFunc_O)
static HPy unwrap_impl(HPyContext *ctx, HPy self, HPy capsule)
{
    long *pointer = HPyCapsule_GetPointer(ctx, capsule, "hpy_example.number");
    return pointer == NULL ? HPy_NULL : HPyLong_FromLong(ctx, *pointer);
}

HPyDef_METH(capsule_count, "capsule_count", HPyFunc_NOARGS)
static HPy capsule_count_impl(HPyContext *ctx, HPy self)
{
    return HPyLong_FromLong(ctx, __atomic_load_n(&capsules, __ATOMIC_RELAXED));
}

HPyDef_METH(set_level, "set_level", HPyFunc_O, .doc = "Set the context variable; returns what it was.")
static HPy set_level_impl(HPyContext *ctx, HPy self, HPy value)
{
    HPy var = HPyGlobal_Load(ctx, variable), old = HPy_NULL;
    if (HPyContextVar_Get(ctx, var, ctx->h_None, &old) == 0) {
        HPy token = HPyContextVar_Set(ctx, var, value);
        if (HPy_IsNull(token)) {
            HPy_Close(ctx, old);
            old = HPy_NULL;
        }
        HPy_Close(ctx, token);
    }
    HPy_Close(ctx, var);
    return old;
}

HPyDef_METH(point, "point", HPyFunc_VARARGS, .doc = "A named tuple.")
static HPy point_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy type = HPyGlobal_Load(ctx, Point);
    HPy result = HPyStructSequence_New(ctx, type, nargs, (HPy *)args);
    HPy_Close(ctx, type);
    return result;
}

HPyDef_METH(leave, "leave", HPyFunc_O, .doc = "Wait outside of Python, for some rounds of a loop.")
static HPy leave_impl(HPyContext *ctx, HPy self, HPy rounds)
{
    long count = HPyLong_AsLong(ctx, rounds);
    if (count == -1 && HPyErr_Occurred(ctx))
        return HPy_NULL;
    volatile long sum = 0;
    HPyThreadState state = HPy_LeavePythonExecution(ctx);
    for (long i = 0; i < count; i++)
        sum += i;
    HPy_ReenterPythonExecution(ctx, state);
    return HPyLong_FromLong(ctx, sum);
}

HPyDef_METH(leak, "leak", HPyFunc_O, .doc = "Leaves a handle open, for the debug mode to find.")
static HPy leak_impl(HPyContext *ctx, HPy self, HPy object)
{
    HPy_Dup(ctx, object);
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_METH(mode, "mode", HPyFunc_NOARGS, .doc = "The name of the context.")
static HPy mode_impl(HPyContext *ctx, HPy self)
{
    return HPyUnicode_FromString(ctx, ctx->name);
}

HPyDef_SLOT(execute, HPy_mod_exec)
static int execute_impl(HPyContext *ctx, HPy module)
{
    static HPyStructSequence_Field fields[] = {{"x", "across"}, {"y", "up"}, {NULL}};
    static HPyStructSequence_Desc description = {.name = "hpy_example.toolbox.Point", .doc = "A point.", .fields = fields};
    HPy problem = HPyErr_NewException(ctx, "hpy_example.toolbox.Problem", ctx->h_RuntimeError, HPy_NULL);
    HPy var = HPyContextVar_New(ctx, "level", HPy_NULL);
    HPy type = HPyStructSequence_NewType(ctx, &description);
    int status = -1;
    if (!HPy_IsNull(problem) && !HPy_IsNull(var) && !HPy_IsNull(type)) {
        HPyGlobal_Store(ctx, &Problem, problem);
        HPyGlobal_Store(ctx, &variable, var);
        HPyGlobal_Store(ctx, &Point, type);
        HPyGlobal_Store(ctx, &kept, ctx->h_None);
        status = HPy_SetAttr_s(ctx, module, "Problem", problem) < 0 || HPy_SetAttr_s(ctx, module, "Point", type) < 0 ? -1 : 0;
    }
    HPy_Close(ctx, problem);
    HPy_Close(ctx, var);
    HPy_Close(ctx, type);
    return status;
}

static HPyDef *defines[] = {
    &parse, &integers, &arithmetic, &bits, &text, &encode, &shown, &count, &edit, &call, &join, &square_root, &evaluate, &attributes,
    &kind, &is_subtype, &fail, &keep, &wrap, &unwrap, &capsule_count, &set_level, &point, &leave, &leak, &mode, &execute, NULL,
};
static HPyGlobal *globals[] = {&kept, &Problem, &variable, &Point, NULL};
static HPyModuleDef module = {.doc = "A bit of everything.", .defines = defines, .globals = globals};
HPy_MODINIT(toolbox, module)
