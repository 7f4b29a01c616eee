/**
 * Contracts of the ports, for tests of an implementation of yours. They need no test runner.
 */
export type { ContractCase } from './contracts/contract-case.ts'
export { eventLogContract } from './contracts/event-log-contract.ts'
export { retentionContract, type RetentionContractLimits } from './contracts/retention-contract.ts'
export type { RunQueueContractOptions } from './contracts/queue-samples.ts'
export { runQueueContract } from './contracts/run-queue-contract.ts'
export { startKeyStoreContract } from './contracts/start-key-contract.ts'
