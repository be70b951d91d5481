namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>A site with history and one model, and no stream.</summary>
public sealed class ModelSite(TestPostgres postgres) : TitanicSite(postgres, ("Bootstrap:SimulateDays", "0"));

/// <summary>The classes of this collection ask one site with a model, one after another.</summary>
[CollectionDefinition]
public sealed class OneModelSite : ICollectionFixture<ModelSite>;
