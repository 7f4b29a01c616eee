export default function SignIn() {
  return <p>Please sign in.</p>
}
