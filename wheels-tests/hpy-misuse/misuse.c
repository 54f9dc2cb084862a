/* Each function does one thing that HPy forbids. */

#include "hpy.h"
#include <pthread.h>

static HPy none(HPyContext *ctx) { return HPy_Dup(ctx, ctx->h_None); }

static HPy kept;
static HPyContext *kept_context;

HPyDef_METH(close_twice, "close_twice", HPyFunc_O)
static HPy close_twice_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPy h = HPy_Dup(ctx, arg);
    HPy_Close(ctx, h);
    HPy_Close(ctx, h);
    return none(ctx);
}

HPyDef_METH(use_after_close, "use_after_close", HPyFunc_O)
static HPy use_after_close_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPy h = HPy_Dup(ctx, arg);
    HPy_Close(ctx, h);
    return HPy_Repr(ctx, h);
}

HPyDef_METH(close_argument, "close_argument", HPyFunc_O)
static HPy close_argument_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPy_Close(ctx, arg);
    return none(ctx);
}

HPyDef_METH(return_argument, "return_argument", HPyFunc_O)
static HPy return_argument_impl(HPyContext *ctx, HPy self, HPy arg) { return arg; }

HPyDef_METH(return_constant, "return_constant", HPyFunc_NOARGS)
static HPy return_constant_impl(HPyContext *ctx, HPy self) { return ctx->h_True; }

HPyDef_METH(close_constant, "close_constant", HPyFunc_NOARGS)
static HPy close_constant_impl(HPyContext *ctx, HPy self)
{
    HPy_Close(ctx, ctx->h_ValueError);
    return none(ctx);
}

HPyDef_METH(garbage, "garbage", HPyFunc_NOARGS)
static HPy garbage_impl(HPyContext *ctx, HPy self)
{
    HPy h = {0x1234567};
    return HPy_Repr(ctx, h);
}

HPyDef_METH(keep, "keep", HPyFunc_O)
static HPy keep_impl(HPyContext *ctx, HPy self, HPy arg)
{
    kept = arg;
    kept_context = ctx;
    return none(ctx);
}

HPyDef_METH(use_kept, "use_kept", HPyFunc_NOARGS)
static HPy use_kept_impl(HPyContext *ctx, HPy self) { return HPy_Repr(ctx, kept); }

HPyDef_METH(use_kept_context, "use_kept_context", HPyFunc_NOARGS)
static HPy use_kept_context_impl(HPyContext *ctx, HPy self) { return HPyLong_FromLong(kept_context, 1); }

static void *elsewhere(void *data)
{
    HPyContext *ctx = data;
    HPyLong_FromLong(ctx, 1);
    return NULL;
}

HPyDef_METH(foreign_thread, "foreign_thread", HPyFunc_NOARGS, .doc = "The context on a thread that Python does not know.")
static HPy foreign_thread_impl(HPyContext *ctx, HPy self)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, elsewhere, ctx) == 0)
        pthread_join(thread, NULL);
    return none(ctx);
}

HPyDef_METH(call_while_left, "call_while_left", HPyFunc_O)
static HPy call_while_left_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPyThreadState state = HPy_LeavePythonExecution(ctx);
    HPy_ssize_t length = HPy_Length(ctx, arg);
    HPy_ReenterPythonExecution(ctx, state);
    return HPyLong_FromSsize_t(ctx, length);
}

HPyDef_METH(never_reenter, "never_reenter", HPyFunc_NOARGS)
static HPy never_reenter_impl(HPyContext *ctx, HPy self)
{
    HPy_LeavePythonExecution(ctx);
    HPy h = {0};
    return h;
}

HPyDef_METH(only_reenter, "only_reenter", HPyFunc_NOARGS)
static HPy only_reenter_impl(HPyContext *ctx, HPy self)
{
    HPyThreadState state = {0};
    HPy_ReenterPythonExecution(ctx, state);
    return none(ctx);
}

HPyDef_METH(reenter_garbage, "reenter_garbage", HPyFunc_O)
static HPy reenter_garbage_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPyThreadState state = {HPyLong_AsLong(ctx, arg)};
    HPy_ReenterPythonExecution(ctx, state);
    return none(ctx);
}

HPyDef_METH(close_tracker_twice, "close_tracker_twice", HPyFunc_O)
static HPy close_tracker_twice_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPyTracker tracker = HPyTracker_New(ctx, 1);
    HPyTracker_Add(ctx, tracker, HPy_Dup(ctx, arg));
    HPyTracker_Close(ctx, tracker);
    HPyTracker_Close(ctx, tracker);
    return none(ctx);
}

HPyDef_METH(plain_struct, "plain_struct", HPyFunc_O)
static HPy plain_struct_impl(HPyContext *ctx, HPy self, HPy arg)
{
    return HPyLong_FromLong(ctx, *(int *)_HPy_AsStruct_Object(ctx, arg));
}

HPyDef_METH(leave_twice, "leave_twice", HPyFunc_NOARGS)
static HPy leave_twice_impl(HPyContext *ctx, HPy self)
{
    HPyThreadState state = HPy_LeavePythonExecution(ctx);
    HPy_LeavePythonExecution(ctx);
    HPy_ReenterPythonExecution(ctx, state);
    return none(ctx);
}

HPyDef_METH(build_twice, "build_twice", HPyFunc_NOARGS)
static HPy build_twice_impl(HPyContext *ctx, HPy self)
{
    HPyListBuilder builder = HPyListBuilder_New(ctx, 0);
    HPy_Close(ctx, HPyListBuilder_Build(ctx, builder));
    return HPyListBuilder_Build(ctx, builder);
}

HPyDef_METH(track_after_close, "track_after_close", HPyFunc_O)
static HPy track_after_close_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPyTracker tracker = HPyTracker_New(ctx, 1);
    HPyTracker_Close(ctx, tracker);
    HPyTracker_Add(ctx, tracker, HPy_Dup(ctx, arg));
    return none(ctx);
}

HPyDef_METH(stale_text, "stale_text", HPyFunc_O)
static HPy stale_text_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPy h = HPy_Dup(ctx, arg);
    const char *text = HPyUnicode_AsUTF8AndSize(ctx, h, NULL);
    HPy_Close(ctx, h);
    return HPyLong_FromLong(ctx, text[0]);
}

HPyDef_METH(write_text, "write_text", HPyFunc_O)
static HPy write_text_impl(HPyContext *ctx, HPy self, HPy arg)
{
    char *text = (char *)HPyUnicode_AsUTF8AndSize(ctx, arg, NULL);
    text[0] = 'X';
    return none(ctx);
}

typedef struct {
    long x;
} Thing;
HPyType_HELPERS(Thing, HPyType_BuiltinShape_List)

HPyDef_METH(wrong_shape, "wrong_shape", HPyFunc_O)
static HPy wrong_shape_impl(HPyContext *ctx, HPy self, HPy arg) { return HPyLong_FromLong(ctx, Thing_AsStruct(ctx, arg)->x); }

HPyDef_METH(no_type, "no_type", HPyFunc_O)
static HPy no_type_impl(HPyContext *ctx, HPy self, HPy arg) { return HPyBool_FromLong(ctx, HPy_TypeCheck(ctx, self, arg)); }

/* No misuse: */

HPyDef_METH(leak, "leak", HPyFunc_O)
static HPy leak_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPy_Dup(ctx, arg);
    return none(ctx);
}

HPyDef_METH(work, "work", HPyFunc_O, .doc = "Opens and closes handles, builders and trackers.")
static HPy work_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPyTracker tracker = HPyTracker_New(ctx, 0);
    for (int i = 0; i < 20; i++)
        HPyTracker_Add(ctx, tracker, HPyLong_FromLong(ctx, i));
    HPyTracker_Close(ctx, tracker);
    HPyTupleBuilder builder = HPyTupleBuilder_New(ctx, 3);
    for (int i = 0; i < 3; i++)
        HPyTupleBuilder_Set(ctx, builder, i, arg);
    HPy_ssize_t size;
    HPy text = HPy_Repr(ctx, arg);
    HPyUnicode_AsUTF8AndSize(ctx, text, &size);
    HPy_Close(ctx, text);
    HPyThreadState state = HPy_LeavePythonExecution(ctx);
    HPy_ReenterPythonExecution(ctx, state);
    return HPyTupleBuilder_Build(ctx, builder);
}

static HPyDef *defines[] = {
    &close_twice, &use_after_close, &close_argument, &return_argument, &return_constant, &close_constant, &garbage, &keep, &use_kept,
    &use_kept_context, &foreign_thread, &call_while_left, &never_reenter, &only_reenter, &reenter_garbage, &close_tracker_twice, &plain_struct, &leave_twice, &build_twice,
    &track_after_close, &stale_text, &write_text, &wrong_shape, &no_type, &leak, &work, NULL,
};
static HPyModuleDef module = {.defines = defines};
HPy_MODINIT(hpy_misuse, module)
