import { ExtractJwt, Strategy } from 'passport-jwt'
import { createForUser, identityProvider, type VerifiedUser } from 'user-execution-context'

type Claims = { readonly sub: string; readonly sid?: string; readonly exp: number }
/** Called by Passport with claims whose signature it has checked, and by nobody else. */
const verified = identityProvider({
  name: 'passport-jwt',
  verify: ({ sub, sid, exp }: Claims) => ({ userId: sub, ...(sid && { sessionId: sid }), expiresAtMs: exp * 1000 }),
})

export const strategy = (secretOrKey: string) =>
  new Strategy(
    {
      secretOrKey,
      algorithms: ['HS256'],
      issuer: 'https://id.example.com',
      audience: 'notes',
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
    },
    async (claims: Claims, done) => {
      try {
        done(null, await verified(claims))
      } catch (error) {
        done(error)
      }
    },
  )

/** In a route behind `passport.authenticate('jwt', { session: false })`. */
export const contextOf = (request: { readonly user?: unknown }) => createForUser(request.user as VerifiedUser)
