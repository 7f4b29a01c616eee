import type { IncomingMessage } from 'node:http'
import { ApolloServer } from '@apollo/server'
import { GraphQLError } from 'graphql'
import { isContextError, toClientAnswer, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { contextFromRequest, type RequestIdentity } from '@user-execution-context/http'

type Own = { readonly userContext: UserExecutionContext }
const notes = new Map<string, string[]>()

const typeDefs = 'type Query { notes: [String!]! } type Mutation { addNote(text: String!): [String!]! }'
const resolvers = {
  Query: { notes: (_root: unknown, _input: unknown, { userContext }: Own) => notes.get(toOwnerKey(userContext)) ?? [] },
  Mutation: {
    addNote: (_root: unknown, { text }: { readonly text: string }, { userContext }: Own) => {
      const owner = toOwnerKey(userContext)
      notes.set(owner, [...(notes.get(owner) ?? []), text])
      return notes.get(owner)
    },
  },
}

/** Apollo sends the message of any error, and those of this package are for the developer: it masks them. */
export const newApollo = () =>
  new ApolloServer<Own>({
    typeDefs,
    resolvers,
    formatError: (formatted, error) => {
      const cause = error instanceof GraphQLError ? error.originalError : error
      return isContextError(cause) ? { message: toClientAnswer(cause).message } : formatted
    },
  })

/** The context stands under a key: Apollo clones the object that holds it, and a copy of a context is refused. */
export const contextOf = (identity: RequestIdentity) => {
  const toContext = contextFromRequest<IncomingMessage>(identity)
  return async ({ req }: { readonly req: IncomingMessage }): Promise<Own> => {
    try {
      return { userContext: await toContext(req) }
    } catch (error) {
      const { code, httpStatus, message } = toClientAnswer(error)
      throw new GraphQLError(message, { extensions: { code, http: { status: httpStatus } } })
    }
  }
}
