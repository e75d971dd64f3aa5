// @ts-check
import { checkedSettings } from "./parameters.js";

/**
 * The secrets that the operator has not named. They have no `Name`, so that a stack that is removed
 * and deployed again does not collide with the ones that it left behind.
 *
 * @param {import("./parameters.js").Resolvers} resolvers
 */
export async function resources(resolvers) {
  const { masterTokenSecretArn, hmacKeySecretArn } = await checkedSettings(resolvers);
  return {
    Resources: {
      ...(typeof masterTokenSecretArn !== "string" && {
        MasterToken: generatedSecret("PocketPaw's master access token", 48),
      }),
      ...(typeof hmacKeySecretArn !== "string" && {
        HmacKey: generatedSecret("The key of the session tokens", 64),
      }),
    },
  };
}

/**
 * A secret that stays when the stack goes.
 *
 * @param {string} description
 * @param {number} length letters and digits, of close to 6 bits each
 */
export function generatedSecret(description, length) {
  return {
    Type: "AWS::SecretsManager::Secret",
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: {
      Description: description,
      GenerateSecretString: { PasswordLength: length, ExcludePunctuation: true },
    },
  };
}
