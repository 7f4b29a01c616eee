// Express 4 under its alias, with the types of Express 5, which name the same.
declare module 'express-4' {
  import express from 'express'
  export default express
}
