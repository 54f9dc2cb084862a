"""A file of a program's own class is closed before the file that it holds, whatever was made first."""
import io


class Response(io.BufferedIOBase):
    def __init__(self, raw):
        self.file = io.BufferedReader(raw)

    def close(self):
        print("closing", self.file.closed)
        super().close()
        self.file.close()

    def flush(self):
        super().flush()
        self.file.flush()


kept = [Response(io.BytesIO(b"x")) for _ in range(3)]
print("end")


class Raw(io.RawIOBase):
    def readable(self):
        return True

    def close(self):
        super().close()


over_raw = [Response(Raw()) for _ in range(2)]
