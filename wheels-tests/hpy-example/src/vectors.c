/* Vector: an array of doubles that is a number, a sequence, a buffer, and callable. */

#include "hpy.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    double *items;
    HPy_ssize_t length;
    HPy_ssize_t exports;
    int readonly;
    long serial;
    double scale;
    char kind;
} Vector;

HPyType_HELPERS(Vector)

static HPyGlobal Vector_type;
static long created = 0;
static long destroyed = 0;

static HPy vector_new(HPyContext *ctx, HPy type, HPy_ssize_t length, Vector **data)
{
    Vector *self;
    HPy result = HPy_New(ctx, type, &self);
    if (HPy_IsNull(result))
        return HPy_NULL;
    self->items = calloc(length > 0 ? length : 1, sizeof(double));
    if (self->items == NULL) {
        HPy_Close(ctx, result);
        return HPyErr_NoMemory(ctx);
    }
    self->length = length;
    self->scale = 1.0;
    self->kind = 'd';
    self->serial = __atomic_add_fetch(&created, 1, __ATOMIC_RELAXED);
    *data = self;
    return result;
}

static HPy vector_like(HPyContext *ctx, HPy_ssize_t length, Vector **data)
{
    HPy type = HPyGlobal_Load(ctx, Vector_type);
    HPy result = vector_new(ctx, type, length, data);
    HPy_Close(ctx, type);
    return result;
}

static int is_vector(HPyContext *ctx, HPy object)
{
    HPy type = HPyGlobal_Load(ctx, Vector_type);
    int result = HPy_TypeCheck(ctx, object, type);
    HPy_Close(ctx, type);
    return result;
}

HPyDef_SLOT(Vector_new, HPy_tp_new)
static HPy Vector_new_impl(HPyContext *ctx, HPy type, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    static const char *names[] = {"items", "readonly", NULL};
    HPyTracker tracker;
    HPy items = HPy_NULL;
    int readonly = 0;
    if (!HPyArg_ParseKeywordsDict(ctx, &tracker, args, nargs, kw, "|Oi:Vector", names, &items, &readonly))
        return HPy_NULL;
    HPy_ssize_t length = 0;
    Vector *self;
    HPy result = HPy_NULL;
    if (!HPy_IsNull(items) && (length = HPy_Length(ctx, items)) < 0)
        goto done;
    result = vector_new(ctx, type, length, &self);
    if (HPy_IsNull(result))
        goto done;
    self->readonly = readonly;
    for (HPy_ssize_t i = 0; i < length; i++) {
        HPy item = HPy_GetItem_i(ctx, items, i);
        if (HPy_IsNull(item))
            goto error;
        self->items[i] = HPyFloat_AsDouble(ctx, item);
        HPy_Close(ctx, item);
        if (self->items[i] == -1.0 && HPyErr_Occurred(ctx))
            goto error;
    }
    goto done;
error:
    HPy_Close(ctx, result);
    result = HPy_NULL;
done:
    HPyTracker_Close(ctx, tracker);
    return result;
}

HPyDef_SLOT(Vector_destroy, HPy_tp_destroy)
static void Vector_destroy_impl(void *data)
{
    free(((Vector *)data)->items);
    __atomic_add_fetch(&destroyed, 1, __ATOMIC_RELAXED);
}

HPyDef_SLOT(Vector_repr, HPy_tp_repr)
static HPy Vector_repr_impl(HPyContext *ctx, HPy h_self)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    HPyListBuilder builder = HPyListBuilder_New(ctx, self->length);
    for (HPy_ssize_t i = 0; i < self->length; i++) {
        HPy item = HPyFloat_FromDouble(ctx, self->items[i]);
        HPyListBuilder_Set(ctx, builder, i, item);
        HPy_Close(ctx, item);
    }
    HPy list = HPyListBuilder_Build(ctx, builder);
    if (HPy_IsNull(list))
        return HPy_NULL;
    HPy result = HPyUnicode_FromFormat(ctx, "Vector(%R)", list);
    HPy_Close(ctx, list);
    return result;
}

HPyDef_SLOT(Vector_richcompare, HPy_tp_richcompare)
static HPy Vector_richcompare_impl(HPyContext *ctx, HPy h_self, HPy h_other, HPy_RichCmpOp op)
{
    if (!is_vector(ctx, h_other))
        return HPy_Dup(ctx, ctx->h_NotImplemented);
    Vector *self = Vector_AsStruct(ctx, h_self), *other = Vector_AsStruct(ctx, h_other);
    HPy_ssize_t common = self->length < other->length ? self->length : other->length;
    for (HPy_ssize_t i = 0; i < common; i++) {
        double a = self->items[i], b = other->items[i];
        if (a != b)
            HPy_RETURN_RICHCOMPARE(ctx, a, b, op);
    }
    HPy_RETURN_RICHCOMPARE(ctx, self->length, other->length, op);
}

HPyDef_SLOT(Vector_hash, HPy_tp_hash)
static HPy_hash_t Vector_hash_impl(HPyContext *ctx, HPy h_self)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    HPy_hash_t hash = 7;
    for (HPy_ssize_t i = 0; i < self->length; i++) {
        HPy item = HPyFloat_FromDouble(ctx, self->items[i]);
        hash = hash * 31 + HPy_Hash(ctx, item);
        HPy_Close(ctx, item);
    }
    return hash == -1 ? -2 : hash;
}

/* Elementwise arithmetic with a vector of the same length or a number on either side. */
static HPy elementwise(HPyContext *ctx, HPy h1, HPy h2, double (*function)(double, double))
{
    int first = is_vector(ctx, h1), second = is_vector(ctx, h2);
    Vector *a = first ? Vector_AsStruct(ctx, h1) : NULL;
    Vector *b = second ? Vector_AsStruct(ctx, h2) : NULL;
    double number = 0;
    if (!first || !second) {
        HPy other = first ? h2 : h1;
        if (!HPyNumber_Check(ctx, other))
            return HPy_Dup(ctx, ctx->h_NotImplemented);
        number = HPyFloat_AsDouble(ctx, other);
        if (number == -1.0 && HPyErr_Occurred(ctx))
            return HPy_NULL;
    } else if (a->length != b->length) {
        return HPyErr_Format(ctx, ctx->h_ValueError, "lengths differ: %zd and %zd", a->length, b->length);
    }
    HPy_ssize_t length = first ? a->length : b->length;
    Vector *data;
    HPy result = vector_like(ctx, length, &data);
    if (HPy_IsNull(result))
        return HPy_NULL;
    for (HPy_ssize_t i = 0; i < length; i++)
        data->items[i] = function(first ? a->items[i] : number, second ? b->items[i] : number);
    return result;
}

static double add(double a, double b) { return a + b; }
static double subtract(double a, double b) { return a - b; }
static double multiply(double a, double b) { return a * b; }
static double divide(double a, double b) { return a / b; }

HPyDef_SLOT(Vector_add, HPy_nb_add)
static HPy Vector_add_impl(HPyContext *ctx, HPy a, HPy b) { return elementwise(ctx, a, b, add); }
HPyDef_SLOT(Vector_subtract, HPy_nb_subtract)
static HPy Vector_subtract_impl(HPyContext *ctx, HPy a, HPy b) { return elementwise(ctx, a, b, subtract); }
HPyDef_SLOT(Vector_multiply, HPy_nb_multiply)
static HPy Vector_multiply_impl(HPyContext *ctx, HPy a, HPy b) { return elementwise(ctx, a, b, multiply); }
HPyDef_SLOT(Vector_divide, HPy_nb_true_divide)
static HPy Vector_divide_impl(HPyContext *ctx, HPy a, HPy b) { return elementwise(ctx, a, b, divide); }
HPyDef_SLOT(Vector_power, HPy_nb_power)
static HPy Vector_power_impl(HPyContext *ctx, HPy a, HPy b, HPy modulus)
{
    if (!HPy_Is(ctx, modulus, ctx->h_None)) {
        HPyErr_SetString(ctx, ctx->h_TypeError, "no modulus for vectors");
        return HPy_NULL;
    }
    return elementwise(ctx, a, b, pow);
}

/* The dot product. Long ones let other threads collect meanwhile. */
HPyDef_SLOT(Vector_matmul, HPy_nb_matrix_multiply)
static HPy Vector_matmul_impl(HPyContext *ctx, HPy h1, HPy h2)
{
    if (!is_vector(ctx, h1) || !is_vector(ctx, h2))
        return HPy_Dup(ctx, ctx->h_NotImplemented);
    Vector *a = Vector_AsStruct(ctx, h1), *b = Vector_AsStruct(ctx, h2);
    if (a->length != b->length)
        return HPyErr_Format(ctx, ctx->h_ValueError, "lengths differ: %zd and %zd", a->length, b->length);
    double sum = 0;
    HPy_BEGIN_LEAVE_PYTHON(ctx)
    for (HPy_ssize_t i = 0; i < a->length; i++)
        sum += a->items[i] * b->items[i];
    HPy_END_LEAVE_PYTHON(ctx)
    return HPyFloat_FromDouble(ctx, sum);
}

HPyDef_SLOT(Vector_negative, HPy_nb_negative)
static HPy Vector_negative_impl(HPyContext *ctx, HPy h_self)
{
    HPy minus = HPyLong_FromLong(ctx, -1);
    HPy result = elementwise(ctx, h_self, minus, multiply);
    HPy_Close(ctx, minus);
    return result;
}

HPyDef_SLOT(Vector_bool, HPy_nb_bool)
static int Vector_bool_impl(HPyContext *ctx, HPy h_self)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    for (HPy_ssize_t i = 0; i < self->length; i++)
        if (self->items[i] != 0)
            return 1;
    return 0;
}

HPyDef_SLOT(Vector_inplace_add, HPy_nb_inplace_add)
static HPy Vector_inplace_add_impl(HPyContext *ctx, HPy h_self, HPy h_other)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    if (self->readonly) {
        HPyErr_SetString(ctx, ctx->h_TypeError, "the vector is read-only");
        return HPy_NULL;
    }
    HPy sum = elementwise(ctx, h_self, h_other, add);
    if (HPy_IsNull(sum) || HPy_Is(ctx, sum, ctx->h_NotImplemented))
        return sum;
    memcpy(self->items, Vector_AsStruct(ctx, sum)->items, self->length * sizeof(double));
    HPy_Close(ctx, sum);
    return HPy_Dup(ctx, h_self);
}

HPyDef_SLOT(Vector_length, HPy_sq_length)
static HPy_ssize_t Vector_length_impl(HPyContext *ctx, HPy h_self)
{
    return Vector_AsStruct(ctx, h_self)->length;
}

HPyDef_SLOT(Vector_contains, HPy_sq_contains)
static int Vector_contains_impl(HPyContext *ctx, HPy h_self, HPy item)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    double wanted = HPyFloat_AsDouble(ctx, item);
    if (wanted == -1.0 && HPyErr_Occurred(ctx))
        return -1;
    for (HPy_ssize_t i = 0; i < self->length; i++)
        if (self->items[i] == wanted)
            return 1;
    return 0;
}

HPyDef_SLOT(Vector_item, HPy_sq_item)
static HPy Vector_item_impl(HPyContext *ctx, HPy h_self, HPy_ssize_t index)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    if (index < 0 || index >= self->length) {
        HPyErr_SetString(ctx, ctx->h_IndexError, "vector index out of range");
        return HPy_NULL;
    }
    return HPyFloat_FromDouble(ctx, self->items[index]);
}

HPyDef_SLOT(Vector_subscript, HPy_mp_subscript)
static HPy Vector_subscript_impl(HPyContext *ctx, HPy h_self, HPy key)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    if (!HPy_TypeCheck(ctx, key, ctx->h_SliceType)) {
        HPy_ssize_t index = HPyLong_AsSsize_t(ctx, key);
        if (index == -1 && HPyErr_Occurred(ctx))
            return HPy_NULL;
        return Vector_item_impl(ctx, h_self, index < 0 ? index + self->length : index);
    }
    HPy_ssize_t start, stop, step;
    if (HPySlice_Unpack(ctx, key, &start, &stop, &step) < 0)
        return HPy_NULL;
    HPy_ssize_t length = HPySlice_AdjustIndices(ctx, self->length, &start, &stop, step);
    Vector *data;
    HPy result = vector_like(ctx, length, &data);
    if (HPy_IsNull(result))
        return HPy_NULL;
    for (HPy_ssize_t i = 0; i < length; i++)
        data->items[i] = self->items[start + i * step];
    return result;
}

HPyDef_SLOT(Vector_ass_subscript, HPy_mp_ass_subscript)
static int Vector_ass_subscript_impl(HPyContext *ctx, HPy h_self, HPy key, HPy value)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    HPy_ssize_t index = HPyLong_AsSsize_t(ctx, key);
    if (index == -1 && HPyErr_Occurred(ctx))
        return -1;
    if (HPy_IsNull(value) || self->readonly) {
        HPyErr_SetString(ctx, ctx->h_TypeError, self->readonly ? "the vector is read-only" : "items cannot be deleted");
        return -1;
    }
    if (index < 0)
        index += self->length;
    if (index < 0 || index >= self->length) {
        HPyErr_SetString(ctx, ctx->h_IndexError, "vector index out of range");
        return -1;
    }
    double number = HPyFloat_AsDouble(ctx, value);
    if (number == -1.0 && HPyErr_Occurred(ctx))
        return -1;
    self->items[index] = number;
    return 0;
}

static HPy_ssize_t stride = sizeof(double);

HPyDef_SLOT(Vector_getbuffer, HPy_bf_getbuffer)
static int Vector_getbuffer_impl(HPyContext *ctx, HPy h_self, HPy_buffer *view, int flags)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    __atomic_add_fetch(&self->exports, 1, __ATOMIC_RELAXED);
    view->buf = self->items;
    view->obj = HPy_Dup(ctx, h_self);
    view->len = self->length * sizeof(double);
    view->itemsize = sizeof(double);
    view->readonly = self->readonly;
    view->ndim = 1;
    view->format = "d";
    view->shape = &self->length;
    view->strides = &stride;
    view->suboffsets = NULL;
    view->internal = NULL;
    return 0;
}

HPyDef_SLOT(Vector_releasebuffer, HPy_bf_releasebuffer)
static void Vector_releasebuffer_impl(HPyContext *ctx, HPy h_self, HPy_buffer *view)
{
    __atomic_sub_fetch(&Vector_AsStruct(ctx, h_self)->exports, 1, __ATOMIC_RELAXED);
}

/* v(x): the polynomial with these coefficients at x. */
HPyDef_SLOT(Vector_call, HPy_tp_call)
static HPy Vector_call_impl(HPyContext *ctx, HPy h_self, const HPy *args, size_t nargs, HPy kwnames)
{
    double x;
    if (!HPyArg_ParseKeywords(ctx, NULL, args, nargs, kwnames, "d:Vector", (const char *[]){"x", NULL}, &x))
        return HPy_NULL;
    Vector *self = Vector_AsStruct(ctx, h_self);
    double value = 0;
    for (HPy_ssize_t i = self->length - 1; i >= 0; i--)
        value = value * x + self->items[i];
    return HPyFloat_FromDouble(ctx, value);
}

HPyDef_MEMBER(Vector_scale, "scale", HPyMember_DOUBLE, offsetof(Vector, scale), .doc = "a number to keep with the vector")
HPyDef_MEMBER(Vector_serial, "serial", HPyMember_LONG, offsetof(Vector, serial), .readonly = 1)
HPyDef_MEMBER(Vector_kind, "kind", HPyMember_CHAR, offsetof(Vector, kind))
HPyDef_MEMBER(Vector_exports, "exports", HPyMember_HPYSSIZET, offsetof(Vector, exports), .readonly = 1)

HPyDef_GETSET(Vector_norm, "norm", .doc = "the euclidean length; setting it stretches the vector")
static HPy Vector_norm_get(HPyContext *ctx, HPy h_self, void *closure)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    double sum = 0;
    for (HPy_ssize_t i = 0; i < self->length; i++)
        sum += self->items[i] * self->items[i];
    return HPyFloat_FromDouble(ctx, sqrt(sum));
}
static int Vector_norm_set(HPyContext *ctx, HPy h_self, HPy value, void *closure)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    if (HPy_IsNull(value)) {
        HPyErr_SetString(ctx, ctx->h_AttributeError, "the norm cannot be deleted");
        return -1;
    }
    double wanted = HPyFloat_AsDouble(ctx, value);
    if (wanted == -1.0 && HPyErr_Occurred(ctx))
        return -1;
    double sum = 0;
    for (HPy_ssize_t i = 0; i < self->length; i++)
        sum += self->items[i] * self->items[i];
    if (sum == 0) {
        HPyErr_SetString(ctx, ctx->h_ZeroDivisionError, "a null vector cannot be stretched");
        return -1;
    }
    for (HPy_ssize_t i = 0; i < self->length; i++)
        self->items[i] *= wanted / sqrt(sum);
    return 0;
}

HPyDef_METH(Vector_map, "map", HPyFunc_O, .doc = "A vector of the results of calling a function with each item.")
static HPy Vector_map_impl(HPyContext *ctx, HPy h_self, HPy function)
{
    Vector *self = Vector_AsStruct(ctx, h_self), *data;
    if (!HPyCallable_Check(ctx, function)) {
        HPyErr_SetString(ctx, ctx->h_TypeError, "map() wants a function");
        return HPy_NULL;
    }
    HPy result = vector_like(ctx, self->length, &data);
    for (HPy_ssize_t i = 0; !HPy_IsNull(result) && i < self->length; i++) {
        HPy item = HPyFloat_FromDouble(ctx, self->items[i]);
        HPy value = HPy_Call(ctx, function, &item, 1, HPy_NULL);
        HPy_Close(ctx, item);
        if (!HPy_IsNull(value)) {
            data->items[i] = HPyFloat_AsDouble(ctx, value);
            HPy_Close(ctx, value);
        }
        if (HPyErr_Occurred(ctx)) {
            HPy_Close(ctx, result);
            result = HPy_NULL;
        }
    }
    return result;
}

HPyDef_METH(Vector_sum, "sum", HPyFunc_NOARGS)
static HPy Vector_sum_impl(HPyContext *ctx, HPy h_self)
{
    Vector *self = Vector_AsStruct(ctx, h_self);
    double sum = 0;
    for (HPy_ssize_t i = 0; i < self->length; i++)
        sum += self->items[i];
    return HPyFloat_FromDouble(ctx, sum);
}

static HPyDef *Vector_defines[] = {
    &Vector_new, &Vector_destroy, &Vector_repr, &Vector_richcompare, &Vector_hash, &Vector_add, &Vector_subtract, &Vector_multiply,
    &Vector_divide, &Vector_power, &Vector_matmul, &Vector_negative, &Vector_bool, &Vector_inplace_add, &Vector_length,
    &Vector_contains, &Vector_item, &Vector_subscript, &Vector_ass_subscript, &Vector_getbuffer, &Vector_releasebuffer,
    &Vector_call, &Vector_scale, &Vector_serial, &Vector_kind, &Vector_exports, &Vector_norm, &Vector_map, &Vector_sum, NULL,
};

static HPyType_Spec Vector_spec = {
    .name = "hpy_example.vectors.Vector",
    .doc = "An array of floats.",
    .basicsize = sizeof(Vector),
    .builtin_shape = SHAPE(Vector),
    .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_BASETYPE,
    .defines = Vector_defines,
};

HPyDef_METH(counts, "counts", HPyFunc_NOARGS, .doc = "How many vectors were made, and how many are gone.")
static HPy counts_impl(HPyContext *ctx, HPy self)
{
    return HPy_BuildValue(
        ctx, "(ll)", __atomic_load_n(&created, __ATOMIC_RELAXED), __atomic_load_n(&destroyed, __ATOMIC_RELAXED));
}

/* Pure computation, for measuring how threads scale: it neither allocates nor calls back. */
HPyDef_METH(collatz, "collatz", HPyFunc_O, .doc = "The longest run below a number, and where it begins.")
static HPy collatz_impl(HPyContext *ctx, HPy self, HPy limit)
{
    long below = HPyLong_AsLong(ctx, limit), best = 0, where = 0;
    if (below == -1 && HPyErr_Occurred(ctx))
        return HPy_NULL;
    for (long start = 1; start < below; start++) {
        long steps = 0;
        for (unsigned long n = start; n != 1; n = n % 2 ? 3 * n + 1 : n / 2)
            steps++;
        if (steps > best) {
            best = steps;
            where = start;
        }
    }
    return HPy_BuildValue(ctx, "(ll)", best, where);
}

HPyDef_SLOT(execute, HPy_mod_exec)
static int execute_impl(HPyContext *ctx, HPy module)
{
    HPy type = HPyType_FromSpec(ctx, &Vector_spec, NULL);
    if (HPy_IsNull(type))
        return -1;
    HPyGlobal_Store(ctx, &Vector_type, type);
    int status = HPy_SetAttr_s(ctx, module, "Vector", type);
    HPy_Close(ctx, type);
    return status;
}

static HPyDef *defines[] = {&counts, &collatz, &execute, NULL};
static HPyGlobal *globals[] = {&Vector_type, NULL};
static HPyModuleDef module = {.doc = "Vectors of floats.", .defines = defines, .globals = globals};
HPy_MODINIT(vectors, module)
