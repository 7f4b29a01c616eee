// What is bundled for Node: attacks the core in the bundle and prints what was not refused.
import { attackBundle } from './.data/forgeries/attack-bundle.mjs'

attackBundle().then((result) => console.log(JSON.stringify(result)))
