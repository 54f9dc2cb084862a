# tool: cmake
# tried: FindPython finds the interpreter, its version and SOABI
# version: "$TOOLS/cmake" --version | head -1 | cut -d' ' -f3
cat > CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.20)
project(probe NONE)
find_package(Python 3.14 EXACT REQUIRED COMPONENTS Interpreter)
message(STATUS "found ${Python_VERSION} soabi ${Python_SOABI}")
CMAKE
"$TOOLS/cmake" "-DPython_EXECUTABLE=$PROTOPY" -S . -B out > log 2>&1 || { cat log; exit 1; }
grep -q 'found 3.14.8' log
