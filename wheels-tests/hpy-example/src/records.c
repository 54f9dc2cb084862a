/* Types that refer to other objects: fields, cycles, finalizers, and subclasses of built-in types with a C struct of their own. */

#include "hpy.h"
#include <string.h>

/* Node: a key, a value and two children. */

typedef struct {
    HPyField key;
    HPyField value;
    HPyField left;
    HPyField right;
    HPyField note; /* a member: reads as None while it is empty */
    HPyField must; /* a member that must be set before it is read */
    HPyCallFunction call;
    int calls;
    bool seen;
} Node;

HPyType_HELPERS(Node)

static HPyGlobal Node_type;
static long finalized = 0;
static long destroyed = 0;

HPyDef_CALL_FUNCTION(Node_call)
static HPy Node_call_impl(HPyContext *ctx, HPy h_self, const HPy *args, size_t nargs, HPy kwnames)
{
    Node *self = Node_AsStruct(ctx, h_self);
    int calls = __atomic_add_fetch(&self->calls, 1, __ATOMIC_RELAXED);
    HPy key = HPyField_Load(ctx, h_self, self->key);
    HPy result = HPy_BuildValue(ctx, "(Onl)", key, (HPy_ssize_t)nargs, (long)calls);
    HPy_Close(ctx, key);
    return result;
}

HPyDef_SLOT(Node_new, HPy_tp_new)
static HPy Node_new_impl(HPyContext *ctx, HPy type, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    HPyTracker tracker;
    HPy key, value = ctx->h_None;
    if (!HPyArg_ParseKeywordsDict(ctx, &tracker, args, nargs, kw, "O|O:Node", (const char *[]){"key", "value", NULL}, &key, &value))
        return HPy_NULL;
    Node *self;
    HPy result = HPy_New(ctx, type, &self);
    if (!HPy_IsNull(result)) {
        HPyField_Store(ctx, result, &self->key, key);
        HPyField_Store(ctx, result, &self->value, value);
        self->call = Node_call;
    }
    HPyTracker_Close(ctx, tracker);
    return result;
}

HPyDef_SLOT(Node_traverse, HPy_tp_traverse)
static int Node_traverse_impl(void *data, HPyFunc_visitproc visit, void *arg)
{
    Node *self = data;
    HPy_VISIT(&self->key);
    HPy_VISIT(&self->value);
    HPy_VISIT(&self->left);
    HPy_VISIT(&self->right);
    HPy_VISIT(&self->note);
    HPy_VISIT(&self->must);
    return 0;
}

HPyDef_SLOT(Node_finalize, HPy_tp_finalize)
static void Node_finalize_impl(HPyContext *ctx, HPy h_self)
{
    Node *self = Node_AsStruct(ctx, h_self);
    if (!HPyField_IsNull(self->key)) {
        /* Fields can still be read here. */
        HPy key = HPyField_Load(ctx, h_self, self->key);
        HPy_Close(ctx, key);
    }
    __atomic_add_fetch(&finalized, 1, __ATOMIC_RELAXED);
}

HPyDef_SLOT(Node_destroy, HPy_tp_destroy)
static void Node_destroy_impl(void *data)
{
    __atomic_add_fetch(&destroyed, 1, __ATOMIC_RELAXED);
}

static HPy load(HPyContext *ctx, HPy owner, HPyField field)
{
    return HPyField_IsNull(field) ? HPy_Dup(ctx, ctx->h_None) : HPyField_Load(ctx, owner, field);
}

#define FIELD(NAME)                                                                      \
    HPyDef_GETSET(Node_##NAME, #NAME)                                                    \
    static HPy Node_##NAME##_get(HPyContext *ctx, HPy h_self, void *closure)             \
    {                                                                                    \
        return load(ctx, h_self, Node_AsStruct(ctx, h_self)->NAME);                      \
    }                                                                                    \
    static int Node_##NAME##_set(HPyContext *ctx, HPy h_self, HPy value, void *closure)  \
    {                                                                                    \
        HPyField_Store(ctx, h_self, &Node_AsStruct(ctx, h_self)->NAME, value);           \
        return 0;                                                                        \
    }
FIELD(key)
FIELD(value)
FIELD(left)
FIELD(right)

HPyDef_MEMBER(Node_note, "note", HPyMember_OBJECT, offsetof(Node, note))
HPyDef_MEMBER(Node_must, "must", HPyMember_OBJECT_EX, offsetof(Node, must))
HPyDef_MEMBER(Node_seen, "seen", HPyMember_BOOL, offsetof(Node, seen))
HPyDef_MEMBER(Node_calls, "calls", HPyMember_INT, offsetof(Node, calls), .readonly = 1)
HPyDef_MEMBER(Node_vectorcall, "__vectorcalloffset__", HPyMember_HPYSSIZET, offsetof(Node, call), .readonly = 1)

HPyDef_METH(Node_insert, "insert", HPyFunc_VARARGS, .doc = "Put a value under a key, into the tree below this node.")
static HPy Node_insert_impl(HPyContext *ctx, HPy h_self, const HPy *args, size_t nargs)
{
    HPy key, value;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OO:insert", &key, &value))
        return HPy_NULL;
    HPy here = HPy_Dup(ctx, h_self);
    HPy result = HPy_NULL;
    for (;;) {
        Node *node = Node_AsStruct(ctx, here);
        HPy other = HPyField_Load(ctx, here, node->key);
        int smaller = HPy_RichCompareBool(ctx, key, other, HPy_LT);
        int same = smaller == 0 ? HPy_RichCompareBool(ctx, key, other, HPy_EQ) : 0;
        HPy_Close(ctx, other);
        if (smaller < 0 || same < 0)
            break;
        if (same) {
            HPyField_Store(ctx, here, &node->value, value);
            result = HPy_Dup(ctx, ctx->h_False);
            break;
        }
        HPyField *child = smaller ? &node->left : &node->right;
        if (HPyField_IsNull(*child)) {
            HPy type = HPyGlobal_Load(ctx, Node_type);
            HPy pair[] = {key, value};
            HPy fresh = HPy_Call(ctx, type, pair, 2, HPy_NULL);
            HPy_Close(ctx, type);
            if (HPy_IsNull(fresh))
                break;
            HPyField_Store(ctx, here, child, fresh);
            HPy_Close(ctx, fresh);
            result = HPy_Dup(ctx, ctx->h_True);
            break;
        }
        HPy next = HPyField_Load(ctx, here, *child);
        HPy_Close(ctx, here);
        here = next;
    }
    HPy_Close(ctx, here);
    return result;
}

static int walk(HPyContext *ctx, HPy h_node, HPy list)
{
    Node *node = Node_AsStruct(ctx, h_node);
    if (!HPyField_IsNull(node->left)) {
        HPy left = HPyField_Load(ctx, h_node, node->left);
        int status = walk(ctx, left, list);
        HPy_Close(ctx, left);
        if (status < 0)
            return -1;
    }
    HPy key = load(ctx, h_node, node->key), value = load(ctx, h_node, node->value);
    HPy pair = HPyTuple_Pack(ctx, 2, key, value);
    HPy_Close(ctx, key);
    HPy_Close(ctx, value);
    int status = HPy_IsNull(pair) ? -1 : HPyList_Append(ctx, list, pair);
    HPy_Close(ctx, pair);
    if (status < 0)
        return -1;
    if (!HPyField_IsNull(node->right)) {
        HPy right = HPyField_Load(ctx, h_node, node->right);
        status = walk(ctx, right, list);
        HPy_Close(ctx, right);
    }
    return status;
}

HPyDef_METH(Node_items, "items", HPyFunc_NOARGS, .doc = "Keys and values in order.")
static HPy Node_items_impl(HPyContext *ctx, HPy h_self)
{
    HPy list = HPyList_New(ctx, 0);
    if (!HPy_IsNull(list) && walk(ctx, h_self, list) < 0) {
        HPy_Close(ctx, list);
        return HPy_NULL;
    }
    return list;
}

HPyDef_METH(Node_clear, "clear", HPyFunc_NOARGS, .doc = "Forget the children.")
static HPy Node_clear_impl(HPyContext *ctx, HPy h_self)
{
    Node *self = Node_AsStruct(ctx, h_self);
    HPyField_Store(ctx, h_self, &self->left, HPy_NULL);
    HPyField_Store(ctx, h_self, &self->right, HPy_NULL);
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_CALL_FUNCTION(Node_other_call)
static HPy Node_other_call_impl(HPyContext *ctx, HPy h_self, const HPy *args, size_t nargs, HPy kwnames)
{
    return HPyUnicode_FromString(ctx, "another function");
}

HPyDef_METH(Node_switch_call, "switch_call", HPyFunc_NOARGS)
static HPy Node_switch_call_impl(HPyContext *ctx, HPy h_self)
{
    if (HPy_SetCallFunction(ctx, h_self, &Node_other_call) < 0)
        return HPy_NULL;
    return HPy_Dup(ctx, ctx->h_None);
}

static HPyDef *Node_defines[] = {
    &Node_new, &Node_traverse, &Node_finalize, &Node_destroy, &Node_key, &Node_value, &Node_left, &Node_right, &Node_note,
    &Node_must, &Node_seen, &Node_calls, &Node_vectorcall, &Node_insert, &Node_items, &Node_clear, &Node_switch_call, NULL,
};

static HPyType_Spec Node_spec = {
    .name = "hpy_example.records.Node",
    .doc = "A node of a search tree.",
    .basicsize = sizeof(Node),
    .builtin_shape = SHAPE(Node),
    .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_BASETYPE | HPy_TPFLAGS_HAVE_GC | HPy_TPFLAGS_HAVE_VECTORCALL,
    .defines = Node_defines,
};

/* Subclasses of built-in types, each with a counter behind the built-in's own data. */

#define SUBCLASS(NAME, BUILTIN)                                                         \
    typedef struct { long count; } NAME;                                                \
    HPyType_HELPERS(NAME, HPyType_BuiltinShape_##BUILTIN)                               \
    HPyDef_METH(NAME##_tick, "tick", HPyFunc_NOARGS)                                    \
    static HPy NAME##_tick_impl(HPyContext *ctx, HPy self)                              \
    {                                                                                   \
        long count = __atomic_add_fetch(&NAME##_AsStruct(ctx, self)->count, 1, __ATOMIC_RELAXED); \
        return HPyLong_FromLong(ctx, count);                                            \
    }                                                                                   \
    HPyDef_MEMBER(NAME##_count, "count_", HPyMember_LONG, offsetof(NAME, count))        \
    static HPyDef *NAME##_defines[] = {&NAME##_tick, &NAME##_count, NULL};              \
    static HPyType_Spec NAME##_spec = {                                                 \
        .name = "hpy_example.records." #NAME,                                           \
        .basicsize = sizeof(NAME),                                                      \
        .builtin_shape = SHAPE(NAME),                                                   \
        .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_BASETYPE,                            \
        .defines = NAME##_defines,                                                      \
    };
SUBCLASS(CountedInt, Long)
SUBCLASS(CountedFloat, Float)
SUBCLASS(CountedStr, Unicode)
SUBCLASS(CountedTuple, Tuple)
SUBCLASS(CountedList, List)
SUBCLASS(CountedType, Type)

/* A type made with that metaclass, from two bases. */

HPyDef_METH(Mixed_hello, "hello", HPyFunc_NOARGS)
static HPy Mixed_hello_impl(HPyContext *ctx, HPy self)
{
    HPy type = HPy_Type(ctx, self);
    HPy result = HPyUnicode_FromFormat(ctx, "hello from %s", HPyType_GetName(ctx, type));
    HPy_Close(ctx, type);
    return result;
}
static HPyDef *Mixed_defines[] = {&Mixed_hello, NULL};
static HPyType_Spec Mixed_spec = {
    .name = "hpy_example.records.Mixed",
    .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_BASETYPE,
    .defines = Mixed_defines,
};

HPyDef_METH(counts, "counts", HPyFunc_NOARGS, .doc = "How many nodes were finalized, and how many are gone.")
static HPy counts_impl(HPyContext *ctx, HPy self)
{
    return HPy_BuildValue(
        ctx, "(ll)", __atomic_load_n(&finalized, __ATOMIC_RELAXED), __atomic_load_n(&destroyed, __ATOMIC_RELAXED));
}

HPyDef_METH(shape_of, "shape_of", HPyFunc_O)
static HPy shape_of_impl(HPyContext *ctx, HPy self, HPy type)
{
    if (!HPy_TypeCheck(ctx, type, ctx->h_TypeType)) {
        HPyErr_SetString(ctx, ctx->h_TypeError, "shape_of() wants a type");
        return HPy_NULL;
    }
    return HPyLong_FromLong(ctx, _HPyType_GetBuiltinShape(ctx, type));
}

static int add_subclass(HPyContext *ctx, HPy module, const char *name, HPyType_Spec *spec, HPy base)
{
    HPyType_SpecParam params[] = {{HPyType_SpecParam_Base, base}, {0}};
    return HPyHelpers_AddType(ctx, module, name, spec, params) ? 0 : -1;
}

HPyDef_SLOT(execute, HPy_mod_exec)
static int execute_impl(HPyContext *ctx, HPy module)
{
    HPy node = HPyType_FromSpec(ctx, &Node_spec, NULL);
    if (HPy_IsNull(node))
        return -1;
    HPyGlobal_Store(ctx, &Node_type, node);
    int status = HPy_SetAttr_s(ctx, module, "Node", node);
    HPy_Close(ctx, node);
    if (status < 0)
        return -1;
    if (add_subclass(ctx, module, "CountedInt", &CountedInt_spec, ctx->h_LongType) < 0
        || add_subclass(ctx, module, "CountedFloat", &CountedFloat_spec, ctx->h_FloatType) < 0
        || add_subclass(ctx, module, "CountedStr", &CountedStr_spec, ctx->h_UnicodeType) < 0
        || add_subclass(ctx, module, "CountedTuple", &CountedTuple_spec, ctx->h_TupleType) < 0
        || add_subclass(ctx, module, "CountedList", &CountedList_spec, ctx->h_ListType) < 0
        || add_subclass(ctx, module, "CountedType", &CountedType_spec, ctx->h_TypeType) < 0)
        return -1;
    HPy list = HPy_GetAttr_s(ctx, module, "CountedList");
    HPy meta = HPy_GetAttr_s(ctx, module, "CountedType");
    HPyType_SpecParam params[] = {{HPyType_SpecParam_Metaclass, meta}, {0}};
    status = HPyHelpers_AddType(ctx, module, "Mixed", &Mixed_spec, params) ? 0 : -1;
    HPy_Close(ctx, list);
    HPy_Close(ctx, meta);
    return status;
}

static HPyDef *defines[] = {&counts, &shape_of, &execute, NULL};
static HPyGlobal *globals[] = {&Node_type, NULL};
static HPyModuleDef module = {.doc = "Records that refer to objects.", .defines = defines, .globals = globals};
HPy_MODINIT(records, module)
