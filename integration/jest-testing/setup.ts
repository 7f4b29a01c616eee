import '@user-execution-context/testing/jest'
