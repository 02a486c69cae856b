import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { signIn } from '../../../schemas/api/administration.ts';
import { call } from '../call.ts';

/** The address stays as it is: after signing in one is where one wanted to be. */
export const SignIn = () => {
  const [token, setToken] = useState('');
  const queries = useQueryClient();
  const entering = useMutation({
    mutationFn: () => call<typeof signIn>({ method: 'POST', path: '/api/session' }, { body: { token } }),
    onSuccess: (session) => queries.setQueryData(['session'], session),
  });
  const enter = (event: FormEvent): void => {
    event.preventDefault();
    entering.mutate();
  };
  return (
    <main style={{ minHeight: '100dvh', display: 'grid', placeItems: 'center', padding: 20 }}>
      <form className="tile stack" style={{ width: 'min(400px, 100%)', padding: 28 }} onSubmit={enter}>
        <div className="brand" style={{ padding: 0 }}>
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={30} height={30} />
          Desirepath
        </div>
        <div>
          <h1 style={{ fontSize: 20 }}>Sign in</h1>
          <p className="soft">
            Open the sign-in link that the server printed when it started, or enter the admin token.
          </p>
        </div>
        <PasswordInput
          label="Admin token"
          value={token}
          onChange={({ currentTarget }) => setToken(currentTarget.value)}
          error={entering.error?.message}
          autoComplete="current-password"
          required
          withAsterisk={false}
          autoFocus
        />
        <Button type="submit" loading={entering.isPending} fullWidth>
          Sign in
        </Button>
      </form>
    </main>
  );
};
