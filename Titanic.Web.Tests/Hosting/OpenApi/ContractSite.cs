using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;
using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>
/// A site for requests that change it, with API keys of each scope. Its job queues are not processed: a started run stays queued.
/// </summary>
public sealed class ContractSite(TestPostgres postgres) : TitanicSite(postgres, [("Bootstrap:SimulateDays", "1"), .. TestWorkflow.FastTrainingSettings])
{
    /// <summary>Creates an API key.</summary>
    public async Task<string> NewKey(ApiKeyScope scope)
    {
        await using var scoped = Services.CreateAsyncScope();
        return await scoped.ServiceProvider.GetRequiredService<ApiKeys>().Create($"{scope} {Guid.NewGuid()}", scope, "a test", TestContext.Current.CancellationToken);
    }

    /// <summary>Adds alert 1.</summary>
    public async Task AddAlert()
    {
        await using var db = Database.NewContext();
        var now = DateTimeOffset.UtcNow;
        db.Alerts.Add(new Alert
        {
            Rule = AlertRules.Drift,
            Subject = "age",
            State = AlertState.Open,
            Message = "A test.",
            Link = "/monitoring",
            OpenedAt = now,
            LastSeenAt = now,
            Evidence = new Dictionary<string, string> { ["feature"] = "age" },
        });
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Creates an API key and revokes it.</summary>
    public async Task<string> NewRevokedKey(ApiKeyScope scope)
    {
        await using var scoped = Services.CreateAsyncScope();
        var keys = scoped.ServiceProvider.GetRequiredService<ApiKeys>();
        var name = $"revoked {Guid.NewGuid()}";
        var key = await keys.Create(name, scope, "a test", TestContext.Current.CancellationToken);
        await keys.Revoke(name, "a test", TestContext.Current.CancellationToken);
        return key;
    }
}

/// <summary>The classes of this collection share one site and run one after another.</summary>
[CollectionDefinition]
public sealed class OneContractSite : ICollectionFixture<ContractSite>;
