// Section "transfer": sealing and opening a context.
import { inFreshProcesses, printHeading, printRow } from './measure.mjs'

export function transfer() {
  const pair = (name) => inFreshProcesses(3, process.execPath, 'bench/transfer-pair.mjs', name)
  printHeading('CPU of one operation / bare jose: EncryptJWT or jwtDecrypt of the same claims')
  printRow('control: EncryptJWT / itself', pair('control'))
  printRow('sealContext(): owner, run, rights, end', pair('seal'), 1.15)
  printRow('openSealed(): every check, a fresh context', pair('open'), 1.15)
  printRow('sealContext() with bind: a digest of the bytes more', pair('sealBound'))
  printRow('openSealed() with bind', pair('openBound'))

  printHeading('CPU of one operation / bare jose: SignJWT or jwtVerify (EdDSA) of the same claims')
  printRow('sealContext() between services, readable', pair('sealSigned'))
  printRow('openSealed() between services', pair('openSigned'))
}
