/**
 * Contracts of the ports, for tests of an implementation of yours. They need no test runner.
 */
export { replayMemoryContract } from './contracts/replay-memory-contract.ts'
export type { ContractCase } from './contracts/replay-memory-contract.ts'
