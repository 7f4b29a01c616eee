/**
 * Which database the idempotency keys of a store are in: a queue of the same one claims a key where it files the run.
 */
const databases = new WeakMap<object, object>()

/** Says where the keys of a store are: in one database, or over several. */
export const markKeyStore = (store: object, database: object): void => void databases.set(store, database)

/** Whether the keys of a store are there. */
export const isKeyStoreOf = (store: object, database: object): boolean => databases.get(store) === database
