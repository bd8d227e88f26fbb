// zot as a module of its own: its requirements would hold back those of the tools beside it. Version 2 is of
// zotregistry.dev/zot, which the module proxy does not serve; of version 1 it has the repository's name only.
module pullproof/test/tools/zot

go 1.25

require zotregistry.io/zot v1.4.3

replace zotregistry.io/zot => github.com/project-zot/zot v1.4.3
