/**
 * From a registration to what the SDK takes.
 */

/** Values that were never given are left out: the SDK would send them. */
type Given<Config> = {
  [Key in keyof Config as undefined extends Config[Key] ? never : Key]: Config[Key]
} & {
  [Key in keyof Config as undefined extends Config[Key] ? Key : never]?: Exclude<Config[Key], undefined>
}

/** A registration without `permissions`, which is ours. */
export type SdkConfig<Config> = Given<Omit<Config, 'permissions'>>

/** Makes it. */
export const toSdkConfig = <Config extends { readonly permissions?: unknown }>(config: Config): SdkConfig<Config> =>
  Object.fromEntries(
    Object.entries(config).filter(([key, value]) => key !== 'permissions' && value !== undefined),
  ) as unknown as SdkConfig<Config>
