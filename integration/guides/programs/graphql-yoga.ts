import { GraphQLError } from 'graphql'
import { createSchema, createYoga, type Plugin } from 'graphql-yoga'
import {
  assertUserExecutionContext,
  toClientAnswer,
  toOwnerKey,
  type UserExecutionContext,
} from 'user-execution-context'
import { contextFromRequest, type RequestIdentity } from '@user-execution-context/http'

type Own = { readonly userContext: UserExecutionContext }
const notes = new Map<string, string[]>()

/** Yoga spreads what `context` gives: a user's context in its place is refused here, whose copy would name nobody. */
export const refusesCopies: Plugin<Own> = {
  onContextBuilding: ({ context }) => assertUserExecutionContext(context.userContext ?? context),
}

/** What a client is told of a request without a user: 401. Yoga answers any other error with 500, and logs it. */
const refuse = (error: unknown): never => {
  const { code, message, httpStatus } = toClientAnswer(error)
  throw new GraphQLError(message, { extensions: { code, http: { status: httpStatus } } })
}

/** The context stands under a key: a server may copy the object that holds it, and a copy of a context is refused. */
export const openYoga = (identity: RequestIdentity) => {
  const toContext = contextFromRequest(identity)
  const schema = createSchema<Own>({
    typeDefs: 'type Query { notes: [String!]! } type Mutation { addNote(text: String!): [String!]! }',
    resolvers: {
      Query: { notes: (_root, _input, { userContext }) => notes.get(toOwnerKey(userContext)) ?? [] },
      Mutation: {
        addNote: (_root, { text }, { userContext }) => {
          const owner = toOwnerKey(userContext)
          notes.set(owner, [...(notes.get(owner) ?? []), text])
          return notes.get(owner)
        },
      },
    },
  })
  return createYoga<{}, Own>({
    schema,
    plugins: [refusesCopies],
    context: async ({ request }) => ({ userContext: await toContext(request).catch(refuse) }),
  })
}
