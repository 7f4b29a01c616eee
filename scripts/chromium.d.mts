/** The path of an executable Chromium, which is installed first when it can be. */
export declare function installChromium(): string
/** Arguments for a headless run in a container. */
export declare const launchArguments: readonly string[]
