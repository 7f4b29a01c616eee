const { attack } = require('../.data/forgeries/attack.cjs')
const { rows } = require('../.data/forgeries/rows.cjs')

/** Runs the forgery table with what `require` of this test runner gives. */
exports.attackRequired = async () => {
  const entryPoints = {
    core: require('user-execution-context'),
    restricted: require('user-execution-context/restricted'),
  }
  return (await attack(rows, entryPoints)).failures
}
