/**
 * Names of functions and methods that see more of a value than the fields they name.
 */

/** They copy what is enumerable, whatever type they say. */
export const copiers = new Set(['structuredClone', 'cloneDeep', 'clone', 'pick', 'omit', 'postMessage'])
export const matchers = new Set([
  'toEqual',
  'toStrictEqual',
  'toMatchObject',
  'toMatchSnapshot',
  'toMatchInlineSnapshot',
])
/** Of frameworks, queues, stores and clients: with a parameter of any type they write what they are given. */
export const printers = new Set([
  ...['json', 'jsonp', 'send', 'reply', 'render', 'write', 'end', 'publish', 'enqueue', 'add', 'addJob', 'sendMessage'],
  ...['sendToQueue', 'produce', 'post', 'put', 'patch', 'request', 'serialize', 'encode', 'pack', 'dump', 'hash'],
  ...['set', 'setItem', 'save', 'insert', 'insertOne', 'create', 'update', 'query', 'deepEqual', 'deepStrictEqual'],
  ...['notDeepStrictEqual', 'isEqual', 'stringify', 'setContext', 'setUser', 'setAttributes', 'format'],
])
/** They write what the function that they are given gives back. */
export const routers = new Set(['get', 'post', 'put', 'patch', 'delete', 'all', 'route', 'handle', 'query', 'mutation'])
export const listers = new Set([
  'keys',
  'values',
  'entries',
  'getOwnPropertyNames',
  'getOwnPropertyDescriptors',
  'ownKeys',
])
/** Functions of `Object` that tell fields and forms apart, and methods of every object that do. */
export const lookers = new Set(
  'hasOwn getOwnPropertyDescriptor getPrototypeOf create isFrozen isSealed isExtensible'.split(' '),
)
export const ownLookers = new Set(['hasOwnProperty', 'propertyIsEnumerable'])
