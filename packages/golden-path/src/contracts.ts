/**
 * Contracts of the ports, for tests of an implementation of yours. They need no test runner.
 */
export { attemptLimitsContract } from './contracts/attempt-limits-contract.ts'
export type { ContractCase } from './contracts/contract-case.ts'
export { eventLogContract } from './contracts/event-log-contract.ts'
export { retentionContract, type RetentionContractLimits } from './contracts/retention-contract.ts'
export type { RunQueueContractOptions } from './contracts/queue-samples.ts'
export { runQueueContract } from './contracts/run-queue-contract.ts'
export { startKeyStoreContract } from './contracts/start-key-contract.ts'
export { ticketOfficeContract } from './contracts/ticket-office-contract.ts'
export { userStoreContract } from './contracts/user-store-contract.ts'
