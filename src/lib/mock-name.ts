// What the mock calls itself in `Server`, apart from the registry so that whoever measures one need not load it.

/** Tells who measures it that this is no real registry. */
export const serverName = 'pullproof-mock';
