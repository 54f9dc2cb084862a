# tool: meson
# tried: the module `python`: `find_installation`, its paths and suffix
# version: "$TOOLS/meson" --version
cat > meson.build <<'MESON'
project('probe')
py = import('python').find_installation(get_option('py'))
assert(py.language_version() == '3.14')
assert(py.get_variable('EXT_SUFFIX', '') == '.hpy0.so')
message(py.get_install_dir())
MESON
echo "option('py', type: 'string')" > meson.options
PATH=$TOOLS:$PATH "$TOOLS/meson" setup "-Dpy=$PROTOPY" out > log 2>&1 || { cat log; exit 1; }
