// Runs before each test file of a project whose files share one process: their modules of src are loaded anew, so that
// no file finds a state that another one left. What comes from node_modules stays loaded.
import { vi } from 'vitest'

vi.resetModules()
