# Where tracebacks point for except clauses, for groups made of plain exceptions and for unpacking in displays.
import traceback


def shown(function):
    try:
        function()
    except BaseException as error:
        lines = "".join(traceback.format_exception(error)).splitlines()
        print("\n".join(line for line in lines if "File " not in line))


def wrapped_again():
    try:
        raise Exception(42)
    except* Exception as e:
        raise


def wrapped_and_another():
    try:
        raise Exception(42)
    except* Exception as e:
        1 / 0


def no_class():
    try:
        1 / 0
    except 5:
        pass


def no_class_star():
    try:
        1 / 0
    except* (
        5
    ):
        pass


def no_iterable():
    x = [1, *5]


def no_mapping():
    x = {"a": 1, **5}


for case in [wrapped_again, wrapped_and_another, no_class, no_class_star, no_iterable, no_mapping]:
    print("==", case.__name__)
    shown(case)

for cls in [type("Own", (Exception,), {}), type("Plain", (), {}), ValueError]:
    instance = cls()
    instance.x = 1
    try:
        del instance.__dict__
        print(cls.__name__, "deleted", hasattr(instance, "x"))
    except TypeError as error:
        print(cls.__name__, error)
