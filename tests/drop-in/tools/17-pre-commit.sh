# tool: pre-commit
# tried: a local hook whose environment is of protopy
# version: "$TOOLS/pre-commit" --version | cut -d' ' -f2
export PRE_COMMIT_HOME="$PWD/home" GIT_CONFIG_GLOBAL=/dev/null
mkdir repo && cd repo && git init -q . && project . demo
echo "import six, sys; assert sys.implementation.name == 'protopy'" > check.py
cat > .pre-commit-config.yaml <<YAML
repos:
- repo: local
  hooks:
  - {id: x, name: x, entry: python check.py, language: python,
     language_version: $PROTOPY, additional_dependencies: [six], pass_filenames: false, always_run: true}
YAML
git add -A
"$TOOLS/pre-commit" run --all-files > out 2>&1 || { cat out; exit 1; }
