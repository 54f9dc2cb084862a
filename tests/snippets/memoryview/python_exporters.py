# `__buffer__` of classes written in Python on top of native ones.
class B(bytearray):
    released = 0

    def __buffer__(self, flags):
        return super().__buffer__(flags)

    def __release_buffer__(self, view):
        B.released += 1
        super().__release_buffer__(view)


b = B(b"hello")
with memoryview(b) as view:
    print(view.tobytes(), B.released)
print(B.released)
b.clear()
print(bytes(B(b"abc").__buffer__(0)))
