// An HTTP API and a WebSocket API of your own, both behind the gateway's authorizer.
//   npx cdk deploy --context gateway=pocketpaw-session-gateway-prod
import { App, CfnOutput, Duration, Fn, Stack } from "aws-cdk-lib";
import { HttpApi, HttpMethod, WebSocketApi, WebSocketStage } from "aws-cdk-lib/aws-apigatewayv2";
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
  WebSocketLambdaAuthorizer,
} from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import {
  HttpLambdaIntegration,
  WebSocketLambdaIntegration,
} from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { Architecture, Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";

const app = new App();
const stack = new Stack(app, "pocketpaw-routes-cdk");

/** The gateway's stack. Its outputs are exported under this name. */
const gateway: string = app.node.tryGetContext("gateway") ?? "pocketpaw-session-gateway-prod";
const authorizer = LambdaFunction.fromFunctionAttributes(stack, "PawSession", {
  functionArn: Fn.importValue(`${gateway}-AuthorizerFunctionArn`),
  // CDK cannot read the account from an imported value, and would leave the permission out.
  sameEnvironment: true,
});

// Your own code. It finds what the authorizer knows about the caller in its event: an HTTP API keeps
// it in `authorizer.lambda`, a WebSocket API in `authorizer`, for each message of the connection.
const reports = new LambdaFunction(stack, "Reports", {
  runtime: Runtime.NODEJS_24_X,
  architecture: Architecture.ARM_64,
  handler: "index.handler",
  code: Code.fromInline(`exports.handler = async ({ requestContext: { authorizer } }) => {
  const { method, sessionId, expiresAt } = authorizer.lambda ?? authorizer;
  return { statusCode: 200, body: JSON.stringify({ caller: { method, sessionId, expiresAt } }) };
};`),
});

const httpApi = new HttpApi(stack, "HttpApi");
httpApi.addRoutes({
  path: "/reports",
  methods: [HttpMethod.GET],
  integration: new HttpLambdaIntegration("Reports", reports),
  authorizer: new HttpLambdaAuthorizer("PawSession", authorizer, {
    // Payload 2.0 with simple responses. CDK's default is payload 1.0, which works too.
    responseTypes: [HttpLambdaResponseType.SIMPLE],
    // No identity source, so that header, query parameter and cookie all work; hence no cache.
    identitySource: [],
    resultsCacheTtl: Duration.seconds(0),
  }),
});

const webSocketApi = new WebSocketApi(stack, "WebSocketApi", {
  connectRouteOptions: {
    integration: new WebSocketLambdaIntegration("Connect", reports),
    // No identity source: CDK's default, the Authorization header, cannot be sent by a browser.
    authorizer: new WebSocketLambdaAuthorizer("PawSession", authorizer, { identitySource: [] }),
  },
  defaultRouteOptions: {
    integration: new WebSocketLambdaIntegration("Message", reports),
    returnResponse: true,
  },
});
const stage = new WebSocketStage(stack, "WebSocketStage", {
  webSocketApi,
  stageName: "live",
  autoDeploy: true,
});

new CfnOutput(stack, "HttpApiId", { value: httpApi.apiId });
new CfnOutput(stack, "HttpApiUrl", { value: httpApi.apiEndpoint });
new CfnOutput(stack, "WebSocketApiId", { value: webSocketApi.apiId });
new CfnOutput(stack, "WebSocketUrl", { value: stage.url });
