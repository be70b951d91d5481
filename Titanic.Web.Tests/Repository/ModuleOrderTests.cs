using NetArchTest.Rules;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Repository;

/// <summary>The modules are in the order of the data flow: a module uses only modules listed before it.</summary>
public sealed class ModuleOrderTests
{
    private static readonly string[] InOrder =
        ["Passengers", "FeatureStore", "Training", "Registry", "Serving", "Monitoring", "Lifecycle", "Pipelines", "Pages", "Hosting"];

    /// <summary>All modules can use these.</summary>
    private static readonly string[] Shared = ["Access", "Database"];

    public static TheoryData<string> Modules => [.. InOrder, .. Shared];

    [Fact]
    public void The_order_contains_every_module() =>
        Assert.Equal(InOrder.Concat(Shared).Order(StringComparer.Ordinal), RepositoryFolder.Modules);

    [Theory]
    [MemberData(nameof(Modules))]
    public void A_module_uses_only_modules_before_it(string folder)
    {
        var forbidden = ForbiddenFor(folder);
        var offenders = forbidden.SelectMany(other => Types.InAssembly(typeof(TitanicDb).Assembly)
            .That().ResideInNamespace($"Titanic.Web.{folder}")
            .And().DoNotResideInNamespace("Titanic.Web.Database.Migrations")
            .ShouldNot().HaveDependencyOnAny($"Titanic.Web.{other}")
            .GetResult().FailingTypeNames?.Select(type => $"{type} uses {other}/") ?? []).ToList();

        Assert.True(offenders.Count == 0, $"{folder}/ must not use {string.Join(", ", forbidden)}:\n{string.Join('\n', offenders)}");
    }

    private static IReadOnlyList<string> ForbiddenFor(string folder) => folder switch
    {
        "Access" => InOrder,
        "Database" => ["Pages", "Hosting", "Access"], // the context refers to the entities of the modules
        _ => InOrder[(Array.IndexOf(InOrder, folder) + 1)..],
    };
}
