# The bundle in the tree is what its sources make.
set -eu
. bin/browser-packages.sh
$npm run --silent check
