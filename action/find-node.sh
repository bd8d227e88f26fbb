# Finds a Node that runs pullproof: the one on the PATH, else one of the runner's tool cache; else asks for setup-node.
# Its outputs: `path`, and `setup`, which is true where there is none.
runs() {
  [ -x "$1" ] && "$1" -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 18) ? 0 : 1);
  '
}
cache=${RUNNER_TOOL_CACHE:-/opt/hostedtoolcache}
for node in "$(command -v node || true)" "$cache"/node/*/*/bin/node "$cache"/node/*/*/node.exe; do
  if runs "$node"; then
    echo "path=$node" >>"$GITHUB_OUTPUT"
    exit 0
  fi
done
echo 'setup=true' >>"$GITHUB_OUTPUT"
